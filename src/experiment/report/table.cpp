#include "experiment/report/table.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

namespace kith {
namespace {

/// How many places a terminal needs: every byte that does not continue a character begins one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool to_the_left) {
  const std::string blank(width - width_of(text), ' ');
  return to_the_left ? text + blank : blank + text;
}

/// What LaTeX would take for its own, and what its fonts lack.
std::string escaped(const std::string& text) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"\\", "\\textbackslash{}"},
      {"&", "\\&"},
      {"%", "\\%"},
      {"$", "\\$"},
      {"#", "\\#"},
      {"_", "\\_"},
      {"{", "\\{"},
      {"}", "\\}"},
      {"~", "\\textasciitilde{}"},
      {"^", "\\textasciicircum{}"},
      {" ± ", " $\\pm$ "},
      {kNothing, "--"}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto word = std::ranges::find_if(kWords, [&](const auto& candidate) {
      return std::string_view(text).substr(i).starts_with(candidate.first);
    });
    out += word == std::end(kWords) ? std::string_view(text).substr(i, 1) : word->second;
    i += word == std::end(kWords) ? 1 : word->first.size();
  }
  return out;
}

std::string latex_row(const std::vector<std::string>& cells) {
  std::string row = "  ";
  for (std::size_t i = 0; i < cells.size(); ++i) row += (i > 0 ? " & " : "") + escaped(cells[i]);
  return row + " \\\\\n";
}

std::string printed(const char* format, int digits, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, digits, value);
  return text;
}

}  // namespace

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < header.size(); ++column) {
    widths.push_back(width_of(header[column]));
    for (const auto& row : rows) widths[column] = std::max(widths[column], width_of(row[column]));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text += (i > 0 ? "  " : "") + padded(cells[i], widths[i], i == 0);
    }
    return text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
  };
  std::string text = line(header);
  for (const auto& row : rows) text += line(row);
  return text;
}

std::string Table::latex() const {
  std::string text =
      "\\begin{tabular}{l" + std::string(header.size() - 1, 'r') + "}\n  \\toprule\n";
  text += latex_row(header) + "  \\midrule\n";
  for (const auto& row : rows) text += latex_row(row);
  return text + "  \\bottomrule\n\\end{tabular}\n";
}

std::string significant(double value, int digits) { return printed("%.*g", digits, value); }

std::string spread_text(const Spread& spread, int digits) {
  if (spread.count == 0) return kNothing;
  const std::string mean = printed("%.*f", digits, spread.mean);
  return spread.count == 1 ? mean : mean + " ± " + printed("%.*f", digits, spread.deviation);
}

std::string short_spread_text(const Spread& spread) {
  if (spread.count == 0) return kNothing;
  const std::string mean = significant(spread.mean, 3);
  return spread.count == 1 ? mean : mean + " ± " + significant(spread.deviation, 2);
}

}  // namespace kith
