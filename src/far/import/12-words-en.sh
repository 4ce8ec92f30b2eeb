# English: everything else that is said.

# many N WORD: `1 layer`, `2 layers`.
many() {
  if [ "$1" = 1 ]; then printf '1 %s' "$2"; else printf '%s %ss' "$1" "$2"; fi
}

text_en() {
  ! errors_en "$@" || return 0
  case $1 in
    help)
      printf 'sh import.sh [FOLDER|TAR…] [options]\n\n'
      printf 'Loads the images of a bundle into the container engine of this machine.\n'
      printf 'Every byte is checked before the engine gets one, every image is proved before it gets its name.\n\n'
      printf '  --list              show what the bundle holds\n'
      printf '  --verify            check every byte of the bundle, change nothing\n'
      printf '  --dry-run           show what would be done, change nothing\n'
      printf '  --only IMAGE        only this image; may be given several times\n'
      printf '  --platform OS/ARCH  of images for several platforms this one, not the one of this machine\n'
      printf '  --images-only       leave out files\n'
      printf '  --files-only        leave out images\n'
      printf '  --no-clobber        refuse when a name belongs to another image\n'
      printf '  --install-packages  let the package manager install the packages inside\n'
      printf '  --allow-dir DIR     allow files in this folder, too\n'
      printf '  --reload            have docker read its changed settings, and prove it\n'
      printf '  --rollback [RECEIPT]  put back the files of an import, of the newest without RECEIPT\n'
      printf '  --force             with --rollback: put files back even if they were changed since\n'
      printf '  --allowed-signers FILE  keys that may have signed the bundle\n'
      printf '  --require-signature     refuse a bundle that is not signed\n'
      printf '  --passport          print what this machine holds, to take home\n'
      printf '  --engine ENGINE     docker, podman, podman:root, containerd[:NAMESPACE], k3s, rke2, or layout:DIR: store the images in a folder as an OCI layout\n'
      printf '  --stage DIR         where work files go (~/.cache/airgap)\n'
      printf '  --yes               ask nothing\n'
      printf '  --help              this text\n'
      ;;
    unknown-option) printf 'There is no option %s' "$2" ;;
    unknown-option-near) printf 'There is no option %s, did you mean %s?' "$2" "$3" ;;
    needs-value) printf '%s needs a word behind it' "$2" ;;
    signers-unreadable) printf '%s cannot be read' "$2" ;;
    one-value) printf '%s takes one word: %s' "$2" "$3" ;;
    platform-form) printf -- '--platform takes a word such as linux/arm64, not %s' "$2" ;;
    both-only) printf -- '--files-only and --images-only leave nothing' ;;
    force-alone) printf -- '--force goes with --rollback' ;;
    needs-signers) printf -- '--require-signature needs --allowed-signers FILE: the keys that may sign' ;;
    nothing-wanted) printf 'There is nothing in %s that was asked for' "$2" ;;
    layout-folder) printf -- '--engine layout:DIR takes the whole path of a folder, such as layout:/srv/images' ;;
    layout-bundle) printf '%s is a bundle' "$2" ;;
    layout-denied) printf '%s cannot be written' "$2" ;;
    layout-index) printf '%s has an index.json that import.sh cannot add to' "$2" ;;
    layout-none) printf '%s is not an OCI layout' "$2" ;;
    comma) printf ', ' ;;
    bundle) printf 'Bundle %s, made by %s\n' "$2" "$3" ;;
    volumes-found) printf 'Volumes: %s of %s\n' "$2" "$3" ;;
    checking) printf 'Checking %s …\n' "$(many "$2" file)" ;;
    checking-volume) printf 'Checking %s of volume %s …\n' "$(many "$2" file)" "$3" ;;
    sealed) printf 'Sealed: %s, every byte is as it was written\n' "$(many "$2" file)" ;;
    signed) printf 'Signed by %s\n' "$2" ;;
    signature-unchecked) printf 'There is a signature; --allowed-signers FILE checks it\n' ;;
    keeping) printf 'Keeping volume %s in %s …\n' "$2" "$3" ;;
    insert) printf 'Insert the next drive with volume %s and press Enter (FOLDER and Enter to name its place): ' "$2" ;;
    engine) printf 'Engine: %s, store %s, %s\n' "$2" "$3" "$4" ;;
    engine-beside) printf '  %s is here, too: --engine %s\n' "$2" "$2" ;;
    present) printf '  %s: is there already\n' "$2" ;;
    loads) printf '  %s: %s held, %s loaded (%s)\n' "$2" "$(many "$3" layer)" "$4" "$5" ;;
    loads-spliced) printf '  %s: %s held, %s loaded (%s), %s taken from the engine itself\n' "$2" "$(many "$3" layer)" "$4" "$5" "$6" ;;
    moves) printf '    the name moves here from image %s\n' "$2" ;;
    shadowed) printf '    warning: %s takes %s for %s, which is another image: say %s, or remove that name\n' "$2" "$3" "$4" "$5" ;;
    room) printf '  Room: %s needed in %s, %s free\n' "$2" "$3" "$4" ;;
    files) printf 'Files:\n' ;;
    file-new) printf '  %s: new, mode %s\n' "$2" "$3" ;;
    file-same) printf '  %s: is so already\n' "$2" ;;
    file-change) printf '  %s: changes, mode %s\n' "$2" "$3" ;;
    files-root) printf 'this user may not write where files and packages go' ;;
    no-terminal) printf 'it wants a password, and there is no terminal to ask for it' ;;
    files-installed) printf '%s put in place\n' "$(many "$2" file)" ;;
    any-import) printf 'any import' ;;
    take-back) printf 'To put back the files that were there before: %s\n' "$2" ;;
    rolled-back) printf 'The files are as they were before %s\n' "$2" ;;
    rolled-back-daemon) printf 'The engine reads the old daemon.json by: systemctl reload docker\n' ;;
    files-reloaded) printf 'The engine has read daemon.json again\n' ;;
    reload-shown) printf '  docker info shows it: %s\n' "$2" ;;
    reload-unshown) printf '  docker info says nothing of: %s\n' "$2" ;;
    reload-restart) printf '  in effect once the engine is started again, which import.sh never does: %s\n' "$2" ;;
    reload-needed) printf '  in effect after a reload of the engine (--reload): %s\n' "$2" ;;
    reload-by-hand) printf '  in effect after systemctl reload docker: %s\n' "$2" ;;
    not-reloaded) printf 'docker info does not show %s after the reload' "$2" ;;
    packages-plan) printf '  Packages %s (%s): %s\n' "$2" "$3" "$4" ;;
    packages-only-copied) printf '  Packages are copied, not installed; --install-packages installs them\n' ;;
    packages-copying) printf 'Copying the packages of %s (%s) …\n' "$2" "$3" ;;
    packages-copied) printf 'Packages %s: a repository in %s\n' "$2" "$3" ;;
    packages-installing) printf 'Installing the packages of %s …\n' "$2" ;;
    packages-installed) printf 'Packages %s: installed: %s\n' "$2" "$3" ;;
    no-manager) printf 'there is no package manager for %s here' "$2" ;;
    question) printf 'Go on? [Y/n] ' ;;
    question-refused) printf 'load these images' ;;
    password) printf 'Password for sudo: ' ;;
    loading) printf 'Loading %s …\n' "$2" ;;
    proving) printf 'Proving %s …\n' "$2" ;;
    proved) printf '%s: %s\n' "$2" "$3" ;;
    proof-loaded-config-digest) printf 'loaded and proved: its ID there is the digest of its config in the bundle' ;;
    proof-loaded-manifest-and-create) printf 'loaded and proved: its manifest and all layers are those of the bundle, and a container could be made of it' ;;
    proof-loaded-manifest-and-check) printf 'loaded and proved: its manifest and all layers are those of the bundle, and the check of containerd finds all of it there and unpacked' ;;
    proof-loaded-stored-blobs) printf 'stored and proved: every byte of it lies there under its digest' ;;
    proof-present-config-digest) printf 'was there already; proved again by the digest of its config' ;;
    proof-present-manifest-and-check) printf 'was there already; proved again by its manifest, its layers and the check of containerd' ;;
    proof-present-manifest-and-create) printf 'was there already; proved again by its manifest and layers' ;;
    dry-run) printf 'Nothing was changed (--dry-run)\n' ;;
    written) printf 'Receipt and passport: %s\n' "$2" ;;
    printed) printf 'The drive cannot be written, so the receipt is printed here\n' ;;
    list-image) printf 'image     %s  %s\n' "$2" "$3" ;;
    list-layers) printf 'layers    %s, %s\n' "$2" "$3" ;;
    list-omitted) printf 'left out  %s that the machine must hold\n' "$(many "$2" layer)" ;;
    list-file) printf 'file      %s  %s\n' "$2" "$3" ;;
    list-packages) printf 'packages  %s  %s\n' "$2" "$3" ;;
    list-volumes) printf 'volumes   %s\n' "$2" ;;
    not-made) printf 'not made' ;;
    not-there) printf 'missing' ;;
    damaged) printf 'damaged' ;;
    what-blob) printf 'a part of it' ;;
    what-held) printf 'a layer that was there before' ;;
    what-id) printf 'its Id' ;;
    what-image) printf 'the image' ;;
    what-layers) printf 'its layer list' ;;
    what-check) printf 'the check of containerd' ;;
    complete) printf 'complete' ;;
    what-container) printf 'a container of it' ;;
    made) printf 'made' ;;
    process) printf 'process %s' "$2" ;;
    other-owner) printf 'another user owns it' ;;
    root-stage) printf 'it must be a folder below /' ;;
    open-stage) printf 'every user may write it' ;;
    *) return 1 ;;
  esac
}
