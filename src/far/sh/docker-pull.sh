# How docker and podman pull, and let go of the name that an image was pulled by.
docker_pull() {
  run_pull "$program" pull -q "$1"
}

# podman's `image rm` would take all names of the image.
docker_unpull() {
  case $program in
    podman) docker_ask untag "$1" "$1" ;;
    *) docker_ask image rm "$1" ;;
  esac
}
