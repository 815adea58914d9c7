# What an interactive zsh makes of `ser ext<TAB>` with the completions in FOLDER: zsh complete.zsh FOLDER
zmodload zsh/zpty
dump=$(mktemp)
zpty shell zsh -fi
zpty -w shell "fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -d $dump; PS1='> '"
zpty -w -n shell $'ser ext\t'
all=
for second in {1..60}; do
  sleep 1
  while zpty -rt shell part; do all+=$part; done
  [[ $all == *extract* ]] && break
done
zpty -d shell
rm -f $dump
print -r -- $all
