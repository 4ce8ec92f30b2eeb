# held: asks the engine what it holds.
cmd_held() {
  need_engine
  "${kind}_held"
}
