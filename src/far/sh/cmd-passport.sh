# passport: what a passport tells beside the engine and what it holds: this machine's own name, its programs, its repo config.
cmd_passport() {
  need_hash
  host_name
  printf 'host %s\n' "$host"
  passport_tools
  list_config
}

host_name() {
  host=$(uname -n 2>/dev/null | tr -c -d 'A-Za-z0-9._\n-')
  [ -n "$host" ] || host=localhost
}

# What a bundle for this machine may lean on.
passport_tools() {
  for candidate in zstd gzip openssl sha256sum ssh-keygen rpm dpkg; do
    ! has "$candidate" || printf 'tool %s\n' "$candidate"
  done
}

# What package managers and docker are told here. Files that this user cannot read are
# passed over, and those that are larger than anybody writes by hand.
list_config() {
  for path in /etc/yum.repos.d/*.repo /etc/zypp/repos.d/*.repo /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    /etc/apt/sources.list.d/*.sources /etc/docker/daemon.json; do
    case $path in *[!A-Za-z0-9._/+@:~-]*) continue ;; esac
    [ -f "$path" ] && [ -r "$path" ] || continue
    ls -lnL "$path" 2>/dev/null | { read -r _ _ _ _ seen_bytes _ && is_count "$seen_bytes" && [ "$seen_bytes" -le 1048576 ]; } || continue
    ! hash_in <"$path" || printf 'config %s %s\n' "$sum" "$path"
  done
}
