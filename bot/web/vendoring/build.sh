#!/usr/bin/env bash
# Make bot/web/static/vendor anew from package.json and icons.txt, in a temporary folder. Needs node and npm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
vendor=$here/../static/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/{package.json,codemirror.js,echarts.js} "$work"
cd "$work"
npm install --no-audit --no-fund --ignore-scripts --loglevel=error
modules=$work/node_modules
rm -rf "$vendor" && mkdir -p "$vendor/licences"

bundle() { node_modules/@esbuild/*/bin/esbuild "$1" --bundle --minify --format=iife --target=es2020 --legal-comments=none --charset=utf8 --outfile="$vendor/$2"; }
bundle codemirror.js codemirror.min.js
bundle echarts.js echarts.min.js

plain() { sed -e 's|/[*/][#@] sourceMappingURL=[^*]*\(\*/\)\{0,1\}||' "$modules/$1" > "$vendor/$2"; }
plain @tabler/core/dist/css/tabler.min.css tabler.min.css
plain @tabler/core/dist/js/tabler.min.js tabler.min.js
plain htmx.org/dist/htmx.min.js htmx.min.js
plain htmx-ext-sse/dist/sse.min.js htmx-sse.min.js

{
  echo '<svg xmlns="http://www.w3.org/2000/svg">'
  while read -r name; do
    echo "<symbol id=\"$name\" viewBox=\"0 0 24 24\">$(sed -n '/^  <path/p;/^  <circle/p;/^  <rect/p;/^  <line/p' "$modules/@tabler/icons/icons/outline/$name.svg" \
      | grep -v 'M0 0h24v24H0z' | sed 's/^ *//; s| />|/>|' | tr -d '\n')</symbol>"
  done < "$here/icons.txt"
  echo '</svg>'
} > "$vendor/icons.svg"

licence() { find "$modules/$1" -maxdepth 1 -type f -iname 'licen[sc]e*' -exec cat {} + > "$vendor/licences/${1//[@\/]/_}.txt"; }
for package in @tabler/icons htmx.org htmx-ext-sse echarts zrender tslib @codemirror/view @lezer/common @marijn/find-cluster-break crelt style-mod w3c-keyname; do licence "$package"; done
find "$vendor/licences" -empty -delete

of() { node -p "const p = require('$modules/$1/package.json'); p.name + ' ' + p.version + ' (' + (p.license || '0BSD, by its licence file') + ')'"; }
row() { file=$1; shift; echo "| \`$file\` | $(for package in "$@"; do of "$package"; done | paste -sd ';' | sed 's/;/; /g') | \`$(sha256sum "$vendor/$file" | cut -d' ' -f1)\` |"; }
{
  echo '# Vendored assets'
  echo
  echo 'Made by `bot/web/vendoring/build.sh`; never edited by hand. Licences of what is inside are in `licences/`; Tabler'"'"'s (MIT) stands at the head of its files.'
  echo
  echo '| file | made from | sha256 |'
  echo '| --- | --- | --- |'
  row codemirror.min.js @codemirror/{view,state,language,commands,autocomplete,lint,lang-jinja,lang-html,lang-css,lang-javascript} @lezer/{common,highlight,lr,html,css,javascript} style-mod w3c-keyname crelt @marijn/find-cluster-break
  row echarts.min.js echarts zrender tslib
  row htmx.min.js htmx.org
  row htmx-sse.min.js htmx-ext-sse
  row icons.svg @tabler/icons
  row tabler.min.css @tabler/core
  row tabler.min.js @tabler/core @popperjs/core
} > "$vendor/VENDORED.md"
