# Which language the reader has: seen before the prelude sets LC_ALL=C. Two catalogues have the same keys (*-en.sh, *-zh.sh).
language=en
case ${AIRGAP_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG-}}}} in zh*) language=zh ;; esac
