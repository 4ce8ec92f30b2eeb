# probe: looks around; changes nothing but makes the stage.

# Whether docker has answered: import.sh looks for other engines without a probe, too.
docker_up=no

cmd_probe() {
  need engine
  read_password
  user=$(id -un 2>/dev/null) || user=$(id -u)
  printf 'far 1\nuser %s %s\n' "$user" "$(id -u)"
  printf 'home %s\nstage %s\n' "${HOME:-/}" "$stage"
  printf 'system %s %s\ncores %s\nboot %s\n' "$(uname -s)" "$(uname -m)" "$(count_cores)" "$boot"
  for tool in zstd gzip openssl sha256sum shasum tar dd mkfifo; do
    if has "$tool"; then printf 'tool %s yes\n' "$tool"; else printf 'tool %s no\n' "$tool"; fi
  done
  choose_hash
  printf 'hash %s\n' "${hash_tool:-none}"
  choose_dd
  printf 'dd %s\n' "${dd_mode:-none}"
  for path in "$stage"/*; do
    is_hex "${path##*/}" 16 && [ -d "$path" ] || continue
    printf 'stages %s %s\n' "${path##*/}" "$(used_bytes "$path")"
  done
  engine_root='' docker_root='' engine_temp='' docker_up=no
  "${kind}_probe"
  probe_others
  [ -z "$engine_root" ] || printf 'root %s\n' "$engine_root"
  for path in "$stage" "$engine_root" "$docker_root" "$engine_temp" /var/tmp; do
    [ -n "$path" ] || continue
    free=$(free_bytes "$path")
    [ -z "$free" ] || printf 'free %s %s\ndevice %s %s\n' "$free" "$path" "$(device_of "$path")" "$path"
  done
}

count_cores() {
  cores=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo 2>/dev/null)
  is_count "$cores" || cores=1
  printf '%s\n' "$cores"
}

# device_of PATH: one word for the file system it is on. Where no device stands for it, as with tmpfs, the mount point tells.
device_of() {
  df -Pk "$(existing_path "$1")" 2>/dev/null | sed -n '$p' | sed -e 's,^\(/dev/[^ ]*\) .*,\1,' -e 's,^\([^ ]*\) .*%  *,\1@,' -e 's,  *,_,g'
}

# Engines beside the one asked about, so that whoever meant another can be told, the likeliest first: what pods run on before a
# podman that somebody has put beside them. Nothing is started to find out.
probe_others() {
  other_containerd=''
  if [ "$kind" != containerd ]; then
    [ ! -S /run/k3s/containerd/containerd.sock ] || if [ -d /var/lib/rancher/rke2 ]; then printf 'other rke2\n'; else printf 'other k3s\n'; fi
    [ ! -S /run/containerd/containerd.sock ] || containerd_is_dockers || other_containerd='other containerd'
  fi
  [ -z "$other_containerd" ] || ! kubelet_uses_containerd || {
    printf '%s\n' "$other_containerd"
    other_containerd=''
  }
  for other in docker podman; do
    [ "${engine%:root}" = "$other" ] || ! has "$other" || printf 'other %s\n' "$other"
  done
  [ -z "$other_containerd" ] || printf '%s\n' "$other_containerd"
}

# Docker keeps its containers in a containerd, whether it answers this user or not: where docker is, that is an engine of its own only
# if a kubelet uses it.
containerd_is_dockers() {
  [ "$docker_up" = yes ] || { has docker && has dockerd; } || return 1
  ! kubelet_uses_containerd
}

# Not one that goes by docker (the socket of cri-dockerd, k3s' own too, or of the kubelet itself before Kubernetes 1.24) or by CRI-O,
# nor that of k3s or RKE2, which bring a containerd.
kubelet_uses_containerd() {
  [ -d /var/lib/kubelet ] || return 1
  for socket in cri-dockerd dockershim crio/crio k3s/cri-dockerd/cri-dockerd k3s/containerd/containerd; do
    [ ! -S "/run/$socket.sock" ] || return 1
  done
}
