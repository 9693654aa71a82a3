# The taints of nodeRegistration in a JoinConfiguration, as a comma list.
ackpatch_join_config='
function clean(text) { sub(/[ \t]+#.*$/, "", text); sub(/^[^:]*:[ \t]*/, "", text); gsub(/^["\047]|["\047][ \t]*$/, "", text); return text }
function pair(text) {
    if (text ~ /^["\047]?key["\047]?:/) key = clean(text)
    if (text ~ /^["\047]?value["\047]?:/) value = clean(text)
    if (text ~ /^["\047]?effect["\047]?:/) effect = clean(text)
}
function flush() { if (key != "") out = out (out == "" ? "" : ",") key (value == "" ? "" : "=" value) ":" effect; key = value = effect = "" }
{ sub(/\r$/, ""); match($0, /^ */); depth = RLENGTH; body = substr($0, depth + 1) }
body == "" || body ~ /^#/ { next }
depth == 0 && body !~ /^-/ { flush(); node = body ~ /^nodeRegistration:/; part = ""; next }
!node { next }
body ~ /^taints: *\[/ {
    while (match(body, /\{[^}]*\}/)) { n = split(substr(body, RSTART + 1, RLENGTH - 2), parts, /, */); body = substr(body, RSTART + RLENGTH); for (i = 1; i <= n; i++) pair(parts[i]); flush() }
    next
}
body ~ /^taints:/ { part = "taints"; at = depth; next }
body ~ /^kubeletExtraArgs:/ { flush(); part = "args"; at = depth; next }
part != "" && (depth < at || (depth == at && body !~ /^-/)) { flush(); part = "" }
part == "args" && body ~ /^["\047]?register-with-taints["\047]?:/ { more = clean(body) }
part == "args" && body ~ /^(- )?name: *["\047]?register-with-taints["\047]?/ { named = 1; next }
part == "args" && named && body ~ /^(- )?value:/ { more = clean(body); named = 0 }
part == "taints" {
    if (body ~ /^-/) { flush(); sub(/^- */, "", body) }
    if (body ~ /^\{/) { gsub(/[{}]/, "", body); n = split(body, parts, /, */); for (i = 1; i <= n; i++) pair(parts[i]); flush() }
    else pair(body)
}
END { flush(); print (more != "" ? more (out == "" ? "" : ",") : "") out }
'
