# How containerd pulls, as the kubelet's settings say for registries, and lets go of the name that an image was pulled by.
containerd_pull() {
  certs=/etc/containerd/certs.d
  case $engine in k3s | rke2) certs=/var/lib/rancher/$engine/agent/etc/containerd/certs.d ;; esac
  [ -d "$certs" ] || certs=''
  containerd_by run_pull images pull ${certs:+--hosts-dir "$certs"} ${snapshotter:+--snapshotter "$snapshotter"} "$1"
}

containerd_unpull() {
  containerd_ask images rm "$1"
}
