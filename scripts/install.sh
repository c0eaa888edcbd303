# Sourced by scripts/test and scripts/quickstart from the project's folder: what both need before they can begin.
# Needs git, npm and any Node.js from 20 up; the Node.js that the project runs on comes with the packages.

# npm writes this list last of all, so it is missing after an installation that broke off.
installed() {
  [ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]
}

install() {
  # "npm ci" first empties node_modules, and through a link it would empty the folder of another checkout.
  if [ -L node_modules ]; then
    echo "$0: node_modules is a link and not up to date; remove the link, or install in the folder that it leads to" >&2
    return 1
  fi
  echo 'node_modules is missing or older than package-lock.json'
  npm ci --include=dev --no-audit --no-fund
}

# From here on `node` is the version that package.json pins, whatever the machine has.
use_pinned_node() {
  export PATH="$PWD/node_modules/.bin:$PATH"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -lt 22 ] || return 0
  echo "$0: node is still version $major, so the package \"node\" has not been set up by npm; allow its install script" \
    '(npm config get ignore-scripts), delete node_modules and start again' >&2
  return 1
}

# Whether dist/ is what src/ says; running an old build would prove nothing.
built() {
  [ -e dist/cli/main.js ] && [ -z "$(find src tsconfig.json tsconfig.build.json -newer dist/cli/main.js -print -quit)" ]
}
