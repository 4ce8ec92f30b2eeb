# The order of an import: volumes, seal, engine, plan; then load, prove, name; then what goes home.
import_bundle() {
  started_seconds=$(date -u +%s) started_date=$(utc_now)
  need_dd
  new_id receipt
  import_id=$fresh_id
  check_wishes
  # Files alone need no engine: they may be what brings one.
  if [ -s "$work/in.images" ]; then
    open_engine
    say_engine
    choose_platforms
    read_held
    [ "$dry_run" = 1 ] || [ "$kind" = layout ] || remove_leftovers
    make_plan
  else
    engine=none engine_platform=linux/$(arch_of "$(uname -m)")
    : >"$work/images.plan"
    : >"$work/bases"
  fi
  [ "$with_files" = 0 ] || import_files_plan
  if [ "$dry_run" = 1 ]; then
    say dry-run
    return 0
  fi
  ask_once
  hold_bases
  while read -r hex name variant present <&6; do
    bring
  done 6<"$work/images.plan"
  [ "$with_files" = 0 ] || import_files_install
  set_names
  unname_ours
  write_receipt >"$work/receipt"
  hand_over
  say_rollback
  forget_kept
}

# One image: loaded and proved under a name of ours, or proved where it is.
bring() {
  read_recipe "$hex" "$name"
  case $store_kind,$variant in
    graphdriver,* | containers-storage,*) wanted_id=sha256:$hex ;;
    *,raw) wanted_id=sha256:$r_raw ;;
    *) wanted_id=sha256:$r_stored ;;
  esac
  if [ -f "$work/proved.$hex" ]; then
    read -r far_id <"$work/proved.$hex"
  elif [ "$present" = - ]; then
    say loading "$name"
    check_frames "$variant"
    load_image
    prove "$r_temporary" "$wanted_id"
  else
    say proving "$name"
    prove "$present" "$present"
  fi
  printf '%s\n' "$far_id" >"$work/proved.$hex" || stage_refused "$stage"
  [ "$kind" != layout ] || store_layout "$name"
  how=loaded
  [ "$present" = - ] || how=present
  find_proof
  say proved "$name" "$("text_$language" "proof-$how-$proof")"
}

# find_proof, into $proof: what stands in a receipt for it.
find_proof() {
  case $store_kind in
    graphdriver | containers-storage) proof='config-digest' ;;
    containerd)
      proof='manifest-and-create'
      [ "$kind" = docker ] || proof='manifest-and-check'
      ;;
    *) proof='stored-blobs' ;;
  esac
}

print_passport() {
  open_engine
  read_held
  write_passport
}

main() {
  case ${1-} in root-*) as_root_command "$@" ;; esac
  host_name
  read_options "$@"
  case $action in help) "text_$language" help && return 0 ;; esac
  open_work
  case $action in
    passport)
      print_passport
      return 0
      ;;
    rollback)
      rollback_import
      return 0
      ;;
  esac
  case $action in
    list)
      find_volumes
      list_all_names
      read_bundle
      list_bundle
      return 0
      ;;
  esac
  collect_volumes
  [ "$volume_count" -eq 1 ] || say volumes-found "${volumes_found# }" "$volume_count"
  [ "$action" != import ] || look_first
  check_seal
  read_bundle
  case $action in
    verify)
      say bundle "$bundle_name" "$tool"
      return 0
      ;;
  esac
  say bundle "$bundle_name" "$tool"
  import_bundle
}

main "$@"
exit
