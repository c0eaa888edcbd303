export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * What makes a shell ask "scimsync completion words" at each tab: it passes the words up to the cursor, and gets one
 * candidate in each line. Without a candidate, the shell completes files.
 */
export const shellScripts: Readonly<Record<Shell, string>> = {
  bash: `_scimsync() {
  mapfile -t COMPREPLY < <(scimsync completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _scimsync scimsync
`,
  zsh: `#compdef scimsync
_scimsync() {
  local -a found
  found=(\${(f)"$(scimsync completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -a found; else _files; fi
}
compdef _scimsync scimsync
`,
  fish: `function __scimsync_words
  set --local words (commandline --tokenize --current-process --cut-at-cursor)
  set --local current (commandline --current-token --cut-at-cursor)
  set --local found (scimsync completion words -- $words[2..] "$current" 2>/dev/null)
  if set --query found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete --command scimsync --no-files --arguments '(__scimsync_words)'
`,
};
