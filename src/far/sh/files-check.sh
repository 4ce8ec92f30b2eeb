# Whether a file may be what it is about to become: form of repo files, dockerd's own opinion of its daemon.json.
family='' family_name=''

# The distribution's family, into $family; what it calls itself, into $family_name.
find_family() {
  os_id=$(os_word ID)
  family_name=$(os_word PRETTY_NAME)
  family_name=${family_name:-${os_id:-unknown}}
  case " $os_id $(os_word ID_LIKE) " in
    *' debian '* | *' ubuntu '*) family=debian ;;
    *' rhel '* | *' fedora '* | *' centos '*) family=rhel ;;
    *suse*) family=suse ;;
    *' alpine '*) family=alpine ;;
    *' arch '*) family=arch ;;
    *) family=unknown ;;
  esac
}

# Read, never run: it is only a file.
os_word() {
  for release in /etc/os-release /usr/lib/os-release; do
    [ -r "$release" ] || continue
    sed -n "s/^$1=//p" "$release" | tr -d '"'\'''"$nl" | cut -b 1-100 | tr -s '\000-\037\177' ' '
    return 0
  done
}

# fits_family TARGET: repo files of the other kind of system would be read by nobody.
fits_family() {
  case $1:$family in
    *.repo:rhel | *.repo:suse | *.list:debian | *.sources:debian) ;;
    *.repo:* | *.list:* | *.sources:*) return 1 ;;
  esac
}

# check_form KIND FILE TARGET: the near side looks closer; this much is known without it.
check_form() {
  case $1:$3 in
    repo:*.repo) form='^[[:space:]]*([#;].*)?$|^\[[^]]+\][[:space:]]*$|^[A-Za-z0-9_.-]+[[:space:]]*=|^[[:space:]]+[^[:space:]]' ;;
    repo:*.list) form='^[[:space:]]*(#.*)?$|^[[:space:]]*deb(-src)?[[:space:]]' ;;
    repo:*.sources) form='^[[:space:]]*(#.*)?$|^[A-Za-z-]+:|^[[:space:]]+[^[:space:]]' ;;
    daemon:*) check_daemon "$2" "$3" && return 0 || return 1 ;;
    *) return 0 ;;
  esac
  wrong=$(tr -d '\r' <"$2" | grep -n -v -E -e "$form" | head -n 1)
  form_problem="line ${wrong%%:*} is not of its form"
  [ -z "$wrong" ]
}

# check_daemon FILE TARGET: dockerd 20.10 cannot validate; it would say so when it starts, which is too late to ask.
check_daemon() {
  has dockerd && dockerd --help </dev/null 2>/dev/null | grep -q -e '--validate' || return 0
  dockerd --validate "--config-file=$1" </dev/null >"$work/out" 2>&1 && return 0
  form_problem=$(said "$work/out")
  return 1
}
