"""What bash knows: statements, words, quoting, here-documents, constant values and execution order. No kubelet here."""
