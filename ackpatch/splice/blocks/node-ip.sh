# The node's address: what follows the first dot of the node name, when that is an IP address.
ackpatch_node_ip=${ackpatch_node_name#*.}
case $ackpatch_node_ip in
    *[!0123456789.]* | .* | *. | *..* | *.*.*.*.*) ackpatch_node_ip='' ;;
    *.*.*.*) ;;
    *) ackpatch_node_ip='' ;;
esac
