# What a containerd holds in one namespace: images that are whole, with their layers and names, and the blobs that they are made
# of. A blob that no image needs may be collected at any moment, so none other is told.

containerd_held() {
  containerd_list
  cut -d ' ' -f 3 "$work/named" | sort -u >"$work/targets"
  containerd_facts
  # Names that a kubelet could not mean, and those by digest, are no names to us.
  awk '
    function familiar(name, rest, part) {
      if (name !~ /^docker\.io\//) return name
      rest = substr(name, 11)
      if (rest ~ /^library\/[^\/]*$/) return substr(rest, 9)
      return split(rest, part, "/") > 1 && part[1] !~ /[.:]/ && part[1] != "localhost" ? rest : name
    }
    $1 !~ /@|^sha256:/ && $1 ~ /^([^\/]*[.:][^\/]*|localhost)\// { print "tag", $3, familiar($1) }' "$work/named"
}

# `image`, `blob` and `codec` lines of $work/targets: of an index for each of its images that is here whole.
containerd_facts() {
  has awk || fail FAR_TOOL_MISSING awk
  containerd_ask content ls -q || containerd_refused
  cp "$work/out" "$work/content" 2>"$work/err" || stage_refused "$stage"
  : >"$work/documents"
  cp "$work/targets" "$work/wanted" 2>"$work/err" || stage_refused "$stage"
  # Indexes, manifests, configs.
  for _ in 1 2 3; do
    containerd_documents >"$work/new" || stage_refused "$stage"
    cat "$work/new" >>"$work/documents" || stage_refused "$stage"
    awk "$containerd_json"'
      {
        n = all(after($2, "\"manifests\":["), "digest", found)
        n += all(until(after($2, "\"config\":{"), "}"), "digest", found, n)
        for (i = 1; i <= n; i++) print found[i]
      }' "$work/new" | sort -u | grep -F -x -f "$work/content" >"$work/wanted" || break
  done
  awk "$containerd_json"'
    function tell(digest, target, json, config, n, diff, blob, size, type, sum, codec, i) {
      json = document[digest]
      all(until(after(json, "\"config\":{"), "}"), "digest", config)
      json = until(after(json, "\"layers\":["), "]")
      n = all(json, "digest", blob)
      if (split(until(after(document[config[1]], "\"diff_ids\":["), "]"), diff, ",") != n || !(config[1] in document)) return
      if (all(json, "size", size) != n || all(json, "mediaType", type) != n) return
      for (i = 1; i <= n; i++) if (!(blob[i] in here)) return
      json = ""
      for (i = 1; i <= n; i++) {
        json = json (i > 1 ? "," : "") diff[i]
        sum += size[i]
      }
      printf "image %s {\"Type\":\"layers\",\"Layers\":[%s]} %.0f\n", target, json, sum
      for (i = 1; i <= n; i++) {
        if (told[blob[i]]++) continue
        gsub("\"", "", diff[i])
        codec = type[i] ~ /[.+]gzip$/ ? "gzip" : type[i] ~ /[.+]zstd$/ ? "zstd" : ""
        print "blob", blob[i], size[i], blob[i] == diff[i] ? "-" : diff[i]
        if (codec != "" && blob[i] != diff[i]) print "codec", blob[i], codec
      }
    }
    file == "content" { here[$1] = 1 }
    file == "documents" { document[$1] = $2 }
    file == "targets" {
      tell($1, $1)
      n = all(after(document[$1], "\"manifests\":["), "digest", inside)
      for (k = 1; k <= n; k++) tell(inside[k], $1)
    }' file=content "$work/content" file=documents "$work/documents" file=targets "$work/targets"
}

# Enough JSON for documents without blanks: whatever looks like a key is one, since a string would have a backslash there. all()
# leaves the values of a key in a list; a list of another length than there are layers is not believed.
containerd_json='
  function after(text, word, at) { at = index(text, word); return at ? substr(text, at + length(word)) : "" }
  function until(text, end, at) { at = index(text, end); return at ? substr(text, 1, at - 1) : "" }
  function all(text, key, list, n) {
    while (match(text, "\"" key "\":(\"[^\"]*\"|[0-9]+)")) {
      list[++n] = substr(text, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
      gsub("\"", "", list[n])
      text = substr(text, RSTART + RLENGTH)
    }
    return n + 0
  }'

# The documents that $work/wanted names, one a line, each without blanks.
containerd_documents() {
  content=$containerd_root/io.containerd.content.v1.content/blobs/sha256
  set --
  while read -r digest; do
    is_hex "${digest#sha256:}" 64 || continue
    set -- "$@" "${digest#sha256:}"
    [ "$#" -lt 100 ] || { containerd_read "$@" && set --; }
  done <"$work/wanted"
  [ "$#" -eq 0 ] || containerd_read "$@"
}

# Out of the folder, where that may be read: a call of ctr for each takes a hundred times as long.
containerd_read() {
  # shellcheck disable=SC2016 # for the inner shell, which has to be one program for sudo
  look_as_root sh -c 'cd "$1" && shift && for f; do printf "sha256:%s " "$f" && head -c 8388608 "$f" | tr -d " \t\r\n" && echo; done' \
    sh "$content" "$@" && return 0
  for digest in "$@"; do
    containerd_ask content get "sha256:$digest" || continue
    printf 'sha256:%s %s\n' "$digest" "$(tr -d ' \t\r\n' <"$work/out")"
  done
}
