# Reads `key=value` words into variables; nothing is used before its pattern has been checked.
stage='' client='' engine='' kind='' program='' layout='' folder_of_archives='' sudo_mode=no password=''
digest='' size='' image='' name='' create=0 clobber=1 from='' to='' previous='' all=0 look=0 leave=0
receipt='' folder='' force=0 set_bundle='' set_name='' set_kind=''

read_words() {
  for word in "$@"; do
    value=${word#*=}
    case $word in
      stage=*) stage=$value && is_folder "$value" ;;
      client=*) client=$value && is_hex "$value" 16 ;;
      engine=*) use_engine "$value" ;;
      sudo=no | sudo=n | sudo=ask) sudo_mode=$value ;;
      digest=*) digest=$value && is_hex "$value" 64 ;;
      size=*) size=$value && is_count "$value" ;;
      image=*) image=$value && is_name "$value" ;;
      name=*) name=$value && is_name "$value" ;;
      from=*) from=$value && is_name "$value" ;;
      to=*) to=$value && is_name "$value" ;;
      previous=*) previous=$value && is_own_name "$value" ;;
      create=0 | create=1) create=$value ;;
      clobber=0 | clobber=1) clobber=$value ;;
      all=0 | all=1) all=$value ;;
      look=1) look=1 ;;
      leave=1) leave=1 ;;
      receipt=*) receipt=$value && is_receipt "$value" ;;
      folder=*) folder=$value && is_folder "$value" ;;
      bundle=*) set_bundle=$value && is_set_name "$value" ;;
      set=*) set_name=$value && is_set_name "$value" ;;
      packages=deb | packages=rpm) set_kind=$value ;;
      force=0 | force=1) force=$value ;;
      *) false ;;
    esac || fail USAGE 'a word that is not known'
  done
  [ -n "$stage" ] || fail USAGE stage
  [ -n "$client" ] || fail USAGE client
}

# use_engine WORD: the engine that is meant, which functions stand for it and which program.
use_engine() {
  engine=$1
  case $1 in
    docker) kind=docker program=docker ;;
    podman | podman:root) kind=docker program=podman ;;
    containerd | containerd:* | k3s | rke2) kind=containerd && containerd_place ;;
    k3s-images | rke2-images) kind=archives folder_of_archives=/var/lib/rancher/${1%-images}/agent/images ;;
    k3s-images:* | rke2-images:*) kind=archives folder_of_archives=${1#*:} && is_folder "$folder_of_archives" ;;
    layout:*) kind=layout layout=${1#layout:} && is_folder "$layout" ;;
    *) return 1 ;;
  esac
}

# need WORD…: these words must have been given.
need() {
  for word in "$@"; do
    case $word in
      engine) value=$engine ;;
      digest) value=$digest ;;
      size) value=$size ;;
      image) value=$image ;;
      name) value=$name ;;
      from) value=$from ;;
      to) value=$to ;;
      previous) value=$previous ;;
      receipt) value=$receipt ;;
      folder) value=$folder ;;
      bundle) value=$set_bundle ;;
      set) value=$set_name ;;
      packages) value=$set_kind ;;
      *) value='' ;;
    esac
    [ -n "$value" ] || fail USAGE "$word"
  done
}

# The password is the first line of stdin whether anything asks for it or not: so it can never end up in the data.
read_password() {
  [ "$sudo_mode" = ask ] || return 0
  IFS= read -r password || fail FAR_SUDO_DENIED 'no password came'
}

# each_layer FUNCTION: calls it for every `layer HEX` line of stdin, with $hex set.
each_layer() {
  while read -r word hex more; do
    [ "$word" = layer ] && is_hex "$hex" 64 && [ -z "$more" ] || fail USAGE layer
    "$1"
  done
}
