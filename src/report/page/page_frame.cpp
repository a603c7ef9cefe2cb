#include "report/page/page_frame.h"

#include <string_view>

#include "base/fail.h"
#include "base/hash.h"
#include "report/page/html_text.h"

namespace submask {
namespace {

constexpr std::string_view style = R"(
body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fafafa; max-width: 1100px; margin: 24px auto;
       padding: 0 20px; }
h1 { font-size: 24px; overflow-wrap: anywhere; } h2 { font-size: 18px; margin: 36px 0 8px; }
h3 { font-size: 15px; margin: 20px 0 6px; overflow-wrap: anywhere; }
.numbers { display: flex; flex-wrap: wrap; gap: 12px; }
.numbers div { background: #fff; border: 1px solid #ddd; border-radius: 6px; padding: 10px 16px; }
.numbers b { display: block; font-size: 24px; font-weight: 600; }
table { border-collapse: collapse; background: #fff; }
th, td { border: 1px solid #ddd; padding: 4px 10px; text-align: left; overflow-wrap: break-word; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.sortable th { cursor: pointer; user-select: none; background: #f0f0f0; }
.sortable th[aria-sort=ascending]::after { content: " \25B2"; }
.sortable th[aria-sort=descending]::after { content: " \25BC"; }
.scroll { overflow: auto; } .tall { max-height: 480px; display: inline-block; max-width: 100%; }
svg text { font: 11px system-ui, sans-serif; fill: currentColor; } svg text.count[fill] { fill: #fff; }
.images { display: flex; flex-wrap: wrap; gap: 10px; }
figure { margin: 0; width: 148px; font-size: 12px; line-height: 1.3; overflow-wrap: anywhere; background: #fff;
         border: 1px solid #ddd; border-radius: 6px; padding: 8px; }
figure img { width: 132px; height: 132px; object-fit: contain; image-rendering: pixelated; display: block; }
figure.smooth img { image-rendering: auto; } figcaption { margin-top: 6px; }
.note { color: #555; }
)";

constexpr std::string_view script = R"(
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => heading.addEventListener("click", () => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    headings.forEach(other => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = row => {
      const cell = row.cells[column];
      return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
    };
    const compare = (a, b) => typeof a === "number" ? a - b : a.localeCompare(b, undefined, {numeric: true});
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => (down ? -1 : 1) * compare(value(a), value(b)));
    table.tBodies[0].append(...rows);
  }));
}
)";

// The name of the script in the content security policy.
std::string script_digest() {
  Sha256 hash;
  hash.update(script);
  return "sha256-" + base64(from_hex(hash.hex()));
}

}  // namespace

std::string page_begin(const std::string& title) {
  const std::string name = escaped(title);
  return text(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'; script-src '",
      script_digest(),
      "'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
      name, "</title>\n<style>", style, "</style>\n</head>\n<body>\n<h1>", name, "</h1>\n");
}

std::string page_end() { return text("<script>", script, "</script>\n</body>\n</html>\n"); }

}  // namespace submask
