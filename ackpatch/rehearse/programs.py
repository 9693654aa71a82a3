"""Which commands exist in the throw-away root: ordinary programs of the machine, and the node's tools as stand-ins."""

import functools
import os

from ackpatch.rehearse.places import HOST
from ackpatch.rehearse.word_list import words

# Ordinary programs: recorded, then run for real, where the machine has them. Any other name is not found (127).
ORDINARY = words("""
    [ arch awk b2sum base32 base64 basename bash bc busybox bzip2 cat chgrp chmod chown chroot cksum clear cmp col column
    comm cp cpio csplit cut dash dd df diff dir dircolors dirname dos2unix du echo ed egrep env envsubst expand
    expr factor fallocate false fgrep file find findmnt flock fmt fold free gawk getconf getent getopt grep groups
    gunzip gzip head hexdump hostid iconv id install ionice join jq kill killall less line link ln locale
    logname look ls lsblk lscpu lsof mawk md5sum mesg mkdir mkfifo mknod more mountpoint mv namei nawk nice nl
    nohup nproc numfmt od paste patch pathchk perl pgrep pidof pinky pkill pr printenv printf ps ptx pwd
    python python2 python3 readlink realpath renice rev rm rmdir rsync runcon sed seq setsid sh sha1sum sha224sum
    sha256sum sha384sum sha512sum shred shuf sort split stat stdbuf strings stty sum sync tac tail taskset tee test
    timeout top touch tput tr true truncate tsort tty uname unexpand uniq unlink unxz uptime users vdir vi watch wc
    wget which who whoami xargs xxd xz xzcat yes zcat zgrep zstd
    """)

# Tools of the node that need no behaviour: recorded, and they succeed.
TOOLS = words("""
    add-apt-repository aliyun apparmor_parser apt-config apt-key apt-mark arping auditctl augenrules authselect aws
    blkid blockdev brctl chcon chkconfig chpasswd chronyc chronyd cloud-init cni conntrack
    containerd-shim-runc-v2 cri-dockerd cri-o crio crontab ctr debconf-set-selections depmod dig dmesg
    dmidecode dmsetup docker-compose dockerd dpkg-reconfigure dracut ebtables efibootmgr etcd etcdctl
    ethtool fdisk firewall-cmd fsck gcloud git gpasswd groupdel groupmod grub2-mkconfig grubby halt helm
    host hwclock hwinfo ifdown ifup init ip6tables ip6tables-restore ip6tables-save ipset iptables
    iptables-restore iptables-save ipvsadm iscsiadm iw journalctl kexec kmod kube-proxy kubectl ldconfig localectl
    localedef logger loginctl logrotate losetup lspci lvcreate lvextend lvm lvs mkfs mkfs.ext4 mkfs.xfs mkswap modinfo
     mount mount.nfs multipath nc needrestart needs-restarting netplan netstat nft nginx nmcli
    nslookup ntpdate ntpq nvidia-container-cli nvidia-ctk openssl ossutil ossutil64 parted partprobe passwd pdsh
    ping ping6 pip pip3 podman poweroff pvcreate reboot resize2fs resolvectl restorecon rfkill route rpmkeys
     scp sealos semanage semodule setcap setenforce setfacl setsebool sftp shutdown skopeo socat ss ssh
    ssh-copy-id ssh-keygen ssh-keyscan sshd sshpass subscription-manager swapoff swapon systemd-analyze systemd-cat
    systemd-notify systemd-resolve systemd-sysusers systemd-tmpfiles tc telnet terway timedatectl tuned-adm udevadm
    ufw ulogd umount update-alternatives update-ca-certificates update-ca-trust update-grub update-initramfs
    userdel usermod vgcreate vgextend vgs visudo xfs_growfs yq yum-complete-transaction yum-config-manager
    """)

# Commands whose stand-in has another name; one that bears its own is not listed.
STAND_INS = {
    "curl": "download",
    "wget": "download",
    "ip": "network",
    "ifconfig": "network",
    "hostname": "network",
    "tar": "archive",
    "unzip": "archive",
    "gpg": "gpg",
    "fuser": "nothing-found",
    "useradd": "accounts",
    "adduser": "accounts",
    "groupadd": "accounts",
    "addgroup": "accounts",
    **dict.fromkeys(words("nsenter systemd-run start-stop-daemon daemonize"), "launch"),
    "gpg2": "gpg",
    "insmod": "modprobe",
    "rmmod": "modprobe",
    **dict.fromkeys(words("containerd crictl docker nerdctl runc"), "runtime"),
    **{
        name: name
        for name in words(
            "systemctl service sudo su sleep date mktemp hostnamectl getenforce lsmod modprobe sysctl lsb_release"
        )
    },
}

MANAGERS = {
    "rpm": ("yum", "dnf", "microdnf", "tdnf", "zypper", "rpm"),
    "deb": ("apt-get", "apt", "aptitude", "apt-cache", "dpkg", "dpkg-query"),
    "binary": ("yum", "dnf", "rpm", "apt-get", "apt", "apt-cache", "dpkg", "dpkg-query"),
}

# Programs that the stand-ins themselves use; all belong to a minimal system.
NEEDED = words(
    "cat chmod cp cut date env find grep hostname ln mkdir mkfifo printenv readlink rm sed seq sh sort tar tr unzip"
)

FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")


@functools.cache
def real_programs() -> dict[str, str]:
    """Where the machine keeps its programs, as seen inside the root: name → resolved path."""
    found = {}
    for name in {*ORDINARY, *NEEDED}:
        for folder in FOLDERS:
            if os.access(f"{folder}/{name}", os.X_OK):
                found[name] = HOST + os.path.realpath(f"{folder}/{name}")
                break
    return found
