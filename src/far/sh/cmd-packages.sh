# packages, set, setup: local repositories of this machine, by the functions of packages.sh. As root, as 31-root.sh tells.

# packages: how root is had, and what installs packages here.
cmd_packages() {
  read_password
  if [ "$sudo_mode" = no ]; then
    find_sudo_way
    printf 'root %s\n' "$root_way"
    [ "$root_way" = no ] || return 0
  fi
  as_root_run packages
}

root_packages() {
  for manager_kind in deb rpm; do
    manager=$(packages_manager "$manager_kind") || manager=none
    printf 'manager %s %s\n' "$manager_kind" "$manager"
  done
  free=$(free_bytes "$packages_root")
  [ -z "$free" ] || printf 'room %s %s\n' "$free" "$(device_of "$packages_root")"
}

# set: takes the files of one set, checks each, and puts the repository at its place, whole or not at all.
cmd_set() {
  need bundle set
  read_password
  need_dd
  need_hash
  mark_children
  start_beats
  mkdir "$work/set" 2>"$work/err" || stage_refused "$stage"
  ended=''
  while read -r word bytes digest path more; do
    case $word in
      file) is_count "$bytes" && is_hex "$digest" 64 && is_set_file "$path" && [ -z "$more" ] || fail USAGE file ;;
      end) ended=1 && break ;;
      *) fail USAGE set ;;
    esac
    take_set_file
  done
  [ -n "$ended" ] || fail NEAR_GONE set
  as_root_run set "bundle=$set_bundle" "set=$set_name"
}

# Below the set's own folder, and never what would be taken for an option.
is_set_file() {
  case /$1 in *//* | */ | */[.-]* | *[!A-Za-z0-9._+~/-]*) return 1 ;; esac
  [ "${#1}" -le 400 ]
}

take_set_file() {
  part=$work/set/$path
  mkdir -p "${part%/*}" 2>"$work/err" || stage_refused "$stage"
  take "$bytes" >"$part" 2>"$work/dd" || stage_refused "$stage"
  size_of "$part"
  [ "$file_bytes" = "$bytes" ] || fail NEAR_GONE set
  hash_in <"$part" && [ "$sum" = "$digest" ] || fail FAR_FAILED "the bytes of $path are not those that were sent"
}

# setup: the package manager installs what is named, out of a set that is at its place. Who waits for it is not stopped, either.
cmd_setup() {
  trap '' HUP INT TERM
  need bundle set packages
  read_password
  start_beats
  ended=''
  while read -r word name more; do
    [ -z "$more" ] || fail USAGE setup
    case $word in
      # packages_install looks at each before it uses one.
      name) [ -n "$name" ] || fail USAGE name ;;
      end) ended=1 && break ;;
      *) fail USAGE setup ;;
    esac
    printf '%s\n' "$name" 2>"$work/err" >>"$work/names" || stage_refused "$stage"
  done
  [ -n "$ended" ] || fail NEAR_GONE setup
  as_root_run setup "bundle=$set_bundle" "set=$set_name" "packages=$set_kind"
}
