# Which command is asked for. Read to its end before anything runs: the file may be replaced meanwhile.
main() {
  command=${1-}
  case $command in
    probe | begin | held | staged | put | frame | unpack | measure | hold | play | pull) ;;
    verify | name | revert | unname | check | forget | clean) ;;
    files | install | rollback | newest | reload | passport) ;;
    packages | set | setup) ;;
    root-*) as_root_command "$@" ;;
    *) fail USAGE command ;;
  esac
  shift
  read_words "$@"
  enter_stage
  "cmd_$command"
  printf 'done\n'
}

main "$@"
exit
