# containerd by its own program: of a plain one, of k3s and of RKE2. Every function here has a twin of the same name in docker.sh.
# Images are named in full there, and seen only in their namespace. A kubelet's containerd gives each a second name, of its config.
applet='' socket='' namespace='' snapshotter='' containerd_root='' id='' named=''

# Where this containerd listens and keeps things, from its name and its settings; those may be closed to this user.
containerd_place() {
  # In full: sudo may look for programs in fewer folders.
  program=$(command -v ctr) || program=ctr
  namespace=${engine#containerd:} socket=/run/k3s/containerd/containerd.sock
  containerd_root=/var/lib/rancher/$engine/agent/containerd
  settings=${containerd_root%/*}/etc/containerd/config.toml
  case $engine in
    containerd*)
      [ "$engine" != containerd ] || namespace=k8s.io
      socket='' containerd_root=/var/lib/containerd settings=/etc/containerd/config.toml
      ;;
    k3s) ! has k3s || program=$(command -v k3s) applet=ctr ;;
    rke2) [ ! -x /var/lib/rancher/rke2/bin/ctr ] || program=/var/lib/rancher/rke2/bin/ctr ;;
  esac
  case $engine in k3s | rke2) namespace=k8s.io ;; esac
  case $namespace in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9_.-]*) return 1 ;; esac
  [ -n "$socket" ] || socket=$(sed -n '/^ *\[grpc\]/,/^ *\[[^g]/'"s,^ *address *= *[\"']\(/[A-Za-z0-9_./-]*\)[\"'].*,\1,p" "$settings" 2>/dev/null | head -n 1)
  [ -n "$socket" ] || socket=/run/containerd/containerd.sock
  found_root=$(sed -n "s,^root *= *[\"']\(/[^\"']*\)[\"'].*,\1,p" "$settings" 2>/dev/null | head -n 1)
  [ -z "$found_root" ] || containerd_root=$found_root
  # What the kubelet's images are unpacked to: an image that lies in another snapshotter is none to it.
  snapshotter=$(sed -n "s,^ *snapshotter *= *[\"']\([a-z0-9][a-z0-9-]*\)[\"'].*,\1,p" "$settings" 2>/dev/null | head -n 1)
}

# containerd_by RUN WORDS…: RUN with ctr, what it finds this containerd by, and WORDS.
containerd_by() {
  by=$1
  shift
  "$by" "$program" ${applet:+"$applet"} --address "$socket" --connect-timeout 10s --namespace "$namespace" "$@"
}

# containerd_ask WORDS…: what ctr prints is left in $work/out and $work/err.
containerd_ask() {
  beating=$beat_pid
  start_beats 60
  containerd_by as_engine "$@" >"$work/out" 2>"$work/err"
  asked=$?
  [ -n "$beating" ] || end_beats
  return "$asked"
}

containerd_trouble() {
  case $(said "$work/err" "$work/out") in
    *'ermission denied'*) printf 'denied\n' ;;
    *'ailed to dial'* | *'onnection refused'* | *'no such file'* | *'deadline exceeded'*) printf 'down\n' ;;
    *) printf 'other\n' ;;
  esac
}

containerd_refused() {
  case $(containerd_trouble) in
    denied) fail FAR_ENGINE_DENIED "$(said "$work/err")" ;;
    down) fail FAR_ENGINE_DOWN "$(said "$work/err")" ;;
  esac
  fail FAR_FAILED "$(said "$work/err")"
}

containerd_probe() {
  need_sudo
  if ! has "$program"; then
    printf 'engine-error missing there is no %s\nsudo none\n' "$program"
    return 0
  fi
  # ctr would wait for a socket that is not there. One in a closed folder cannot be seen.
  if [ ! -S "$socket" ] && [ -x "$(existing_path "${socket%/*}")" ] && [ "$sudo_mode" = no ]; then
    printf 'engine-error down there is no %s\nsudo none\n' "$socket"
    return 0
  fi
  if containerd_ask version; then
    # Of both, the server's stands last.
    version=$(containerd_told Version)
    printf 'engine containerd %s\n' "${version:-?}"
    printf 'engine-info {"Version":"%s","ID":"%s","Namespace":"%s","Snapshotter":"%s"}\n' \
      "$version" "$(containerd_told UUID)" "$namespace" "${snapshotter:-overlayfs}"
    [ ! -d "$containerd_root" ] || engine_root=$containerd_root
    case $sudo_mode in n) printf 'sudo n\n' ;; ask) printf 'sudo password\n' ;; *) printf 'sudo none\n' ;; esac
    return 0
  fi
  trouble=$(containerd_trouble)
  case $trouble in denied) ;; *) trouble=down ;; esac
  printf 'engine-error %s %s\n' "$trouble" "$(said "$work/err")"
  case $sudo_mode in n) printf 'sudo n\n' ;; ask) printf 'sudo password\n' ;; *) try_sudo "$trouble" ;; esac
}

# containerd_told WORD: what `ctr version` says of the server.
containerd_told() {
  sed -n "s/^ *$1: *\([A-Za-z0-9.+~_-]*\).*/\1/p" "$work/out" | sed -n '$p'
}

# full_name NAME, into $full: docker.io/library/redis:4 is the whole of redis:4.
full_name() {
  full=$1
  case $full in
    index.docker.io/*) full=${full#index.} ;;
    */*) case ${full%%/*} in *[.:]* | localhost) ;; *) full=docker.io/$full ;; esac ;;
    *) full=docker.io/$full ;;
  esac
  case $full in docker.io/*/*) ;; docker.io/*) full=docker.io/library/${full#docker.io/} ;; esac
  case ${full##*/} in *[:@]*) ;; *) full=$full:latest ;; esac
}

# Every name of the namespace, into $work/named: NAME TYPE DIGEST.
containerd_list() {
  containerd_ask images ls || containerd_refused
  sed -n '2,$s/^\([^ ]*\)  *\([^ ]*\)  *\(sha256:[0-9a-f]*\) .*/\1 \2 \3/p' "$work/out" >"$work/named"
}

# containerd_id NAME: its Id, or nothing, into $id; what it is called there into $named. An Id is found under any name.
containerd_id() {
  id='' named=''
  containerd_list
  case $1 in
    sha256:*) wanted=" $1\$" ;;
    *)
      full_name "$1"
      wanted=$(printf '%s' "$full" | sed 's/\./\\./g')
      wanted="^$wanted "
      ;;
  esac
  # Names that the kubelet's containerd has made come last: the next sentence about an image may end them.
  { grep -v '^sha256:' "$work/named"; grep '^sha256:' "$work/named"; } | grep -e "$wanted" >"$work/found"
  read -r named _ id <"$work/found" || :
}

# containerd_tag FROM TO: both as they are called there.
containerd_tag() {
  containerd_ask images tag --force "$1" "$2" || containerd_refused
}

containerd_hold() {
  containerd_id "$1"
  [ -n "$id" ] || fail FAR_FAILED "there is no image $1"
  containerd_tag "$named" "$2"
}

# The old image of a name gets another name first: what nothing names is thrown away.
containerd_name() {
  containerd_id "$1"
  new_id=$id source=$named
  [ -n "$new_id" ] || fail FAR_FAILED "there is no image $1"
  containerd_id "$2"
  if [ -n "$id" ] && [ "$id" != "$new_id" ]; then
    [ "$clobber" = 1 ] || fail NAME_TAKEN "$2"
    containerd_tag "$named" "$3"
    containerd_tag "$source" "$named"
    printf 'moved %s\n' "$id"
    return 0
  fi
  full_name "$2"
  [ -n "$id" ] || containerd_tag "$source" "$full"
  printf 'new\n'
}

# Somebody else may have moved the name since: then it is theirs.
containerd_revert() {
  containerd_id "$1"
  [ "$id" = "$2" ] || return 0
  moved=$named id=''
  [ -z "$3" ] || containerd_id "$3"
  if [ -n "$id" ]; then
    containerd_tag "$named" "$moved"
  else
    containerd_ask images rm "$moved" || containerd_refused
  fi
  printf 'reverted\n'
}

# What only our name for loading kept goes with it, and so does the name that the kubelet's containerd has made for that: again
# where it was just being made.
containerd_unname() {
  removed=''
  for _ in 1 2; do
    containerd_id "$1"
    [ -n "$id" ] || break
    set -- "$1" "$named"
    case $1 in
      airgap.local/loading:*)
        if [ "$(grep -v -e '^sha256:' -e '^airgap\.local/loading:' "$work/named" | grep -c " $id\$")" = 0 ]; then
          while read -r named _ other; do
            case $named,$other in sha256:*,"$id") set -- "$@" "$named" ;; esac
          done <"$work/named"
        fi
        ;;
    esac
    own=$1
    shift
    containerd_ask images rm --sync "$@" || containerd_refused
    set -- "$own"
    removed=yes
  done
  [ -z "$removed" ] || printf 'removed %s\n' "$1"
}

# By the pipe's own name: stdin may be sudo's. All platforms: an archive has one image, and whoever asked for another platform
# than this machine's is not refused by a filter.
containerd_load() {
  containerd_ask images import --all-platforms ${snapshotter:+--snapshotter "$snapshotter"} "$1"
}

# After a load that failed: 1.6 and 1.7 have set the name all the same.
containerd_discard() {
  (containerd_unname "$1") >/dev/null
}

# Whole is what `images check` says is complete, and unpacked for whoever runs it. An image that somebody else has brought
# may still have to be unpacked.
containerd_verify() {
  containerd_id "$1"
  [ -n "$id" ] || return 0
  printf '%s\n' "$id" >"$work/targets"
  containerd_facts | sed -n 's/^\(image [^ ]* [^ ]*\) .*/\1/p' | head -n 1 >"$work/fact"
  if [ ! -s "$work/fact" ]; then
    printf 'image %s {}\n' "$id"
    return 0
  fi
  cat "$work/fact"
  [ "$2" = 1 ] || return 0
  containerd_check
  case $checked in
    *' false')
      containerd_ask snapshots ${snapshotter:+--snapshotter "$snapshotter"} unpack "$id" || :
      containerd_check
      ;;
  esac
  case $checked in
    complete*' true') printf 'created\n' ;;
    *) printf 'refused %s\n' "$checked" ;;
  esac
}

# Into $checked: `complete (3/3) … true`.
containerd_check() {
  containerd_ask images check ${snapshotter:+--snapshotter "$snapshotter"} "name==$named" || containerd_refused
  checked=$(sed -n "s,^$named  *[^ ]*  *$id  *,,p" "$work/out" | tr -s ' ' | sed 's/ $//')
}

containerd_uncontain() {
  :
}

containerd_save() {
  containerd_id "$1"
  [ -n "$id" ] || return 1
  # Where it has two ways, the other one has ended before its file was whole (2.1.9).
  local_way=''
  containerd_ask images export --help && ! grep -q -e --local "$work/out" || local_way=--local
  containerd_by as_engine images export ${local_way:+"$local_way"} - "$named" 2>"$work/save.err"
}
