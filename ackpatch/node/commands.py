"""Which commands are known: ordinary programs, tools of a node, what a shell brings.

A command that is none of these may be anything: a program of the owner's, a function of a sourced file.
"""

# Ordinary programs of a machine.
ORDINARY = frozenset(
    """
    [ arch awk b2sum base32 base64 basename bash bc busybox bzip2 cat chgrp chmod chown chroot cksum clear cmp col
    column comm cp cpio csplit cut dash dd df diff dir dircolors dirname dos2unix du echo ed egrep env envsubst expand
    expr factor fallocate false fgrep file find findmnt flock fmt fold free gawk getconf getent getopt grep groups
    gunzip gzip head hexdump hostid iconv id install ionice join jq kill killall less line link ln locale
    logname look ls lsblk lscpu lsof mawk md5sum mesg mkdir mkfifo mknod more mountpoint mv namei nawk nice nl
    nohup nproc numfmt od paste patch pathchk perl pgrep pidof pinky pkill pr printenv printf ps ptx pwd
    python python2 python3 readlink realpath renice rev rm rmdir rsync runcon sed seq setsid sh sha1sum sha224sum
    sha256sum sha384sum sha512sum shred shuf sort split stat stdbuf strings stty sum sync tac tail taskset tee test
    timeout top touch tput tr true truncate tsort tty uname unexpand uniq unlink unxz uptime users vdir vi watch wc
    wget which who whoami xargs xxd xz xzcat yes zcat zgrep zstd
    """.split()
)

# Tools of a node.
TOOLS = frozenset(
    """
    add-apt-repository aliyun apparmor_parser apt-config apt-key apt-mark arping auditctl augenrules authselect aws
    blkid blockdev brctl chcon chkconfig chpasswd chronyc chronyd cloud-init cni conntrack
    containerd-shim-runc-v2 cri-dockerd cri-o crio crontab ctr debconf-set-selections depmod dig dmesg
    dmidecode dmsetup docker-compose dockerd dpkg-reconfigure dracut ebtables efibootmgr etcd etcdctl
    easyrsa ethtool fdisk firewall-cmd fsck gcloud git gpasswd groupdel groupmod grub2-mkconfig grubby gsutil halt helm
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
    """.split()
)


_BUILTINS = frozenset(
    """
    . : [ [[ ]] alias bg bind break builtin caller cd command compgen complete compopt continue coproc declare dirs
    disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile
    popd printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type
    typeset ulimit umask unalias unset wait
    """.split()
)
_OTHERS = frozenset(
    """
    apk apt apt-cache apt-get aptitude bash chage coreos-installer cosign crictl ctr curl dash date debconf dnf docker
    dpkg dpkg-query doas env ctr cfssl cfssljson helm hostname hostnamectl ifconfig insmod invoke-rc.d ip ipcalc ipvsadm
    jq journalctl keytool kubeadm kubectl kubelet loginctl lsmod microdnf mktemp modprobe mount nerdctl networkctl nmcli
    openssl oras parallel pidof pip3 podman rc-service rc-update resolvectl rpm rsync runc service sh sha256sum sleep
    snap ssh start-stop-daemon sudo su sysctl systemctl systemd-run sysv-rc-conf tar tdnf telinit tune2fs udevadm unzip
    update-rc.d useradd adduser groupadd addgroup usermod visudo wget yq yum zypper zstd gpg gpg2 fuser lsb_release
    acpi-support aide apparmor_status arp at atd auditd automake badblocks batch blkdiscard bpftool btrfs bunzip2 busctl
    bzcat cal catchsegv certbot cgconfigparser cgcreate cgset chcpu chpasswd chronyc chsh cifs.upcall clush compress
    conntrack consul-template cpupower cryptsetup csplit ddrescue debootstrap deluser delgroup dhclient dmidecode
    dnf-automatic docker-compose docker-credential-helper dstat e2fsck e2label easy_install envoy ethtool exportfs
    faillock
    filebeat firewalld flock fstrim fuse ftp gcc getcap getfacl grpcurl gsettings gssproxy hdparm htop httpd hugeadm
    inotifywait install iostat iotop iperf3 irqbalance iwconfig j2 java jinja2 kdump kdumpctl kexec keepalived kill
    kubeconform kustomize lastlog ldapsearch lftp lldpctl logger lpstat lscpu lshw lsns lsusb lxc lz4 lzma mail mailx
    mc megacli microk8s minikube mdadm mke2fs monit more mpstat msr-tools mtr multipathd mysql mysqladmin nano ncat
    ncurses needrestart newgrp nfsstat ngrep nice nmap node_exporter npm nproc nscd nsswitch ntpd ntpstat numactl
    numastat nvidia-modprobe nvidia-persistenced nvidia-smi nvme opkg packer pacman passwd pbzip2 perf pg_isready pigz
    pip pip2 pipx pkexec pkg pmap poetry postconf powertop psql pstree pvs pvdisplay pwgen pwmake qemu-img quota rclone
    redis-cli reposync resize2fs rev rngd rpcinfo rpmbuild sar script scriptreplay sdiff sendmail service sestatus
    setcap setfacl setserial sgdisk sfdisk slabtop smartctl snapper snmpwalk splunk sqlite3 sshfs strace supervisorctl
    swapoff swapon sysbench syslog-ng systemd-analyze systemd-cat systemd-detect-virt systemd-escape
    systemd-machine-id-setup
    systemd-nspawn systemd-path systemd-resolve tcpdump terraform tftp tmux tracepath traceroute tuned tuned-adm
    update-alternatives upower uuidgen vault vgdisplay virt-what vim virsh vmstat vmtoolsd wall watch watchdog wipefs
    xfs_repair xmllint yamllint yum-config-manager zabbix_agentd zfs zpool zip zless ssh-agent ssh-add shasum sum
    aliyun ossutil aws gcloud az oci tccli hcloud doctl openstack crudini dasel gomplate envsubst unshare setarch
    prlimit choom cset chrt taskset pivot_root losetup partx kpartx growpart xfs_growfs cloud-init cloud-localds
    kube-apiserver kube-scheduler kube-controller-manager kube-proxy etcd containerd dockerd flanneld
    getenforce setenforce expect ansible ansible-playbook ansible-pull make python python2 python3 perl ruby node
    """.split()
)
KNOWN = frozenset({*ORDINARY, *TOOLS, *_BUILTINS, *_OTHERS})
