# Sourced by scripts/test and scripts/quickstart in the project's folder: installs what both need. Needs git, npm and
# any Node.js from 20 up; the npm packages include the Node.js version that the project runs on.

# npm writes this list last, so it is missing after an interrupted installation.
installed() {
  [ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]
}

install() {
  # "npm ci" first deletes the contents of node_modules; through a link these would be those of another checkout.
  if [ -L node_modules ]; then
    echo "$0: node_modules is a link and not up to date; remove the link, or install in the linked folder" >&2
    return 1
  fi
  echo 'node_modules is missing or older than package-lock.json'
  npm ci --include=dev --no-audit --no-fund
}

# Puts the `node` that package.json pins before that of the machine.
use_pinned_node() {
  export PATH="$PWD/node_modules/.bin:$PATH"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -lt 22 ] || return 0
  echo "$0: node is still version $major, so npm did not set up the package \"node\"; allow its install script" \
    '(npm config get ignore-scripts), delete node_modules and start again' >&2
  return 1
}

# Whether dist/ was built from the current src/.
built() {
  [ -e dist/cli/main.js ] && [ -z "$(find src scripts/build.mjs -newer dist/cli/main.js -print -quit)" ]
}
