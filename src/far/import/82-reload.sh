# --reload: dockerd reads its daemon.json again, and `docker info` proves it, by the rules of src/files/daemon-json.ts.
reload_begun=0 reload_shown='' reload_unshown='' reload_restart=''

reload_engine() {
  # Where files are all that is imported, nobody has asked the engine anything yet.
  [ "$engine" = docker ] || sudo_mode=$root_mode
  changed_keys
  reload_begun=1
  by_root reload
  missing_keys=''
  for _ in 1 2 3 4 5 6; do
    ! is_reloaded || break
    sleep 1
  done
  [ -z "$missing_keys" ] || fail INSTALL_FAILED "$daemon_target $("text_$language" not-reloaded "$missing_keys")"
  say files-reloaded
  [ -z "$reload_shown" ] || say reload-shown "$(comma_list $reload_shown)"
  [ -z "$reload_unshown" ] || say reload-unshown "$(comma_list $reload_unshown)"
  [ -z "$reload_restart" ] || say reload-restart "$(comma_list $reload_restart)"
}

# say_reload KEY: what of daemon.json waits for a reload, told by that sentence, and what for a restart.
say_reload() {
  changed_keys
  [ -z "$reload_shown$reload_unshown" ] || say "$1" "$(comma_list $reload_shown $reload_unshown)"
  [ -z "$reload_restart" ] || say reload-restart "$(comma_list $reload_restart)"
}

# The keys that this import changes, as `KEY VALUE` lines in $work/keys.changed, sorted out into $reload_….
changed_keys() {
  reload_shown='' reload_unshown='' reload_restart=''
  grep '^file daemon ' "$root_folder/plan" >"$work/daemon"
  read -r _ _ _ _ _ _ source daemon_target <"$work/daemon"
  json_members "$root_folder/payload/$source" >"$work/keys.new"
  json_members "$root_folder/present" >"$work/keys.old"
  if [ -s "$work/keys.old" ]; then
    grep -v -x -F -f "$work/keys.old" "$work/keys.new" >"$work/keys.changed"
  else
    cp "$work/keys.new" "$work/keys.changed"
  fi
  while read -r key _; do
    case $key in
      registry-mirrors | insecure-registries | labels | debug | live-restore | default-runtime | runtimes)
        reload_shown="$reload_shown $key"
        ;;
      allow-nondistributable-artifacts | authorization-plugins | features | shutdown-timeout | max-concurrent-downloads | \
        max-concurrent-uploads | max-download-attempts) reload_unshown="$reload_unshown $key" ;;
      *) reload_restart="$reload_restart $key" ;;
    esac
  done <"$work/keys.changed"
}

# What docker tells of such keys: one line `KEY VALUE` for each, and for each element of a list.
shown_keys='{{range .RegistryConfig.Mirrors}}registry-mirrors {{json .}}{{println}}{{end}}{{range $k, $v := .RegistryConfig.IndexConfigs}}{{if not $v.Secure}}insecure-registries {{json $k}}{{println}}{{end}}{{end}}{{range .RegistryConfig.InsecureRegistryCIDRs}}insecure-registries {{json .}}{{println}}{{end}}{{range .Labels}}labels {{json .}}{{println}}{{end}}debug {{.Debug}}{{println}}live-restore {{.LiveRestoreEnabled}}{{println}}default-runtime {{json .DefaultRuntime}}{{println}}{{range $k, $v := .Runtimes}}runtimes {{json $k}}{{println}}{{end}}'

# Whether docker shows every changed key that it shows at all; those that it does not, into $missing_keys.
is_reloaded() {
  missing_keys=$reload_shown
  # Images may have gone to another engine, or nowhere.
  loaded_by=$program program=docker
  docker_ask info --format "$shown_keys"
  answered=$? program=$loaded_by
  [ "$answered" = 0 ] || return 1
  missing_keys=''
  while read -r key value; do
    case " $reload_shown " in *" $key "*) ;; *) continue ;; esac
    is_shown || missing_keys="$missing_keys${missing_keys:+, }$key"
  done <"$work/keys.changed"
  [ -z "$missing_keys" ]
}

# is_shown: $value of $key is what docker tells. Of lists it is every element, of objects every name.
is_shown() {
  case $key in
    registry-mirrors | insecure-registries | labels) json_elements "$value" >"$work/elements" || return 1 ;;
    runtimes)
      printf '%s' "$value" >"$work/object"
      json_members "$work/object" | sed 's/\([^ ]*\) .*/"\1"/' >"$work/elements"
      ;;
    *) printf '%s\n' "$value" >"$work/elements" ;;
  esac
  while read -r element; do
    case $key in
      registry-mirrors)
        element=${element%'"'}
        while :; do case $element in */) element=${element%/} ;; *) break ;; esac done
        element="$element/\""
        ;;
      insecure-registries) element=$(printf '%s' "$element" | sed 's|^"https\{0,1\}://|"|') ;;
    esac
    grep -q -x -F -e "$key $element" "$work/out" || return 1
  done <"$work/elements"
}

comma_list() {
  separator=''
  for word in "$@"; do
    printf '%s%s' "$separator" "$word"
    separator=$("text_$language" comma)
  done
}

receipt_reload() {
  [ "$reload_begun" = 1 ] || return 0
  printf '  "reload": {"shown": [%s], "unshown": [%s], "restart": [%s]},\n' "$(quoted_list $reload_shown)" \
    "$(quoted_list $reload_unshown)" "$(quoted_list $reload_restart)"
}
