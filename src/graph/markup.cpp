#include "graph/markup.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "core/error.h"
#include "core/text.h"

namespace kith {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

void append_utf8(std::string& text, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  const auto rest = [&](int shift) { put(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    rest(0);
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    rest(6);
    rest(0);
  } else {
    put(0xF0 | code >> 18);
    rest(12);
    rest(6);
    rest(0);
  }
}

/// What stands between & and ; as text; nothing where it means nothing.
std::optional<std::string> entity(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> kNamed{
      {"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}, {"apos", "'"}};
  if (const auto known = kNamed.find(name); known != kNamed.end()) return known->second;
  if (!name.starts_with('#')) return {};
  const bool hexadecimal = name.starts_with("#x");
  name.remove_prefix(hexadecimal ? 2 : 1);
  std::uint32_t code = 0;
  const auto [end, error] =
      std::from_chars(name.data(), name.data() + name.size(), code, hexadecimal ? 16 : 10);
  if (error != std::errc{} || end != name.data() + name.size()) return {};
  if (code == 0 || code > 0x10FFFF) return {};
  std::string text;
  append_utf8(text, code);
  return text;
}

}  // namespace

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (std::filesystem::is_directory(file)) {
    throw InputError(file.string() + ": is a folder, not a graph");
  }
  if (!stream) throw InputError(file.string() + ": cannot be read; is the path right?");
  std::ostringstream text;
  text << stream.rdbuf();
  if (stream.bad()) throw InputError(file.string() + ": cannot be read to its end");
  return std::move(text).str();
}

std::optional<std::string> without_entities(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '&') {
      result += text[at++];
      continue;
    }
    const std::size_t end = text.find(';', at);
    if (end == std::string_view::npos) return {};
    const auto meant = entity(text.substr(at + 1, end - at - 1));
    if (!meant) return {};
    result += *meant;
    at = end + 1;
  }
  return result;
}

const std::string* TagReader::Tag::find(const std::string& attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? nullptr : &found->second;
}

TagReader::TagReader(const std::filesystem::path& file)
    : name_(file.string()), text_(read_text(file)) {}

std::optional<TagReader::Tag> TagReader::next() {
  while (true) {
    at_ = std::min(text_.find('<', at_), text_.size());
    line_ += std::count(text_.begin() + std::ptrdiff_t(counted_),
                        text_.begin() + std::ptrdiff_t(at_), '\n');
    counted_ = at_;
    if (at_ == text_.size()) break;
    if (skip("<!--", "-->") || skip("<![CDATA[", "]]>") || skip("<?", "?>") || skip("<!", ">")) {
      continue;
    }
    Tag found = tag();
    if (found.opens && !found.closes) {
      open_.push_back(found.name);
    } else if (!found.opens) {
      if (open_.empty() || open_.back() != found.name) {
        fail("</" + found.name + "> closes " +
             (open_.empty() ? "nothing" : "<" + open_.back() + ">"));
      }
      open_.pop_back();
    }
    return found;
  }
  if (!open_.empty()) fail("<" + open_.back() + "> is never closed; is the file truncated?");
  return std::nullopt;
}

void TagReader::fail(const std::string& message) const {
  throw InputError(name_ + ": line " + std::to_string(line_) + ": " + message);
}

bool TagReader::skip(std::string_view opening, std::string_view closing) {
  if (!take(opening)) return false;
  const std::size_t end = text_.find(closing, at_);
  if (end == std::string::npos) {
    fail(std::string(opening) + " is never closed; is the file truncated?");
  }
  at_ = end + closing.size();
  return true;
}

TagReader::Tag TagReader::tag() {
  take("<");
  Tag tag{.name = {}, .attributes = {}, .opens = !take("/"), .closes = false};
  tag.name = word();
  if (tag.name.empty()) fail("expected a tag's name after <");
  attributes(tag);
  tag.closes = !tag.opens || take("/");
  if (!take(">")) {
    fail("the tag <" + tag.name + "> has no end; expected name=\"value\" pairs and then >");
  }
  return tag;
}

void TagReader::attributes(Tag& tag) {
  for (blanks();; blanks()) {
    const std::string name(word());
    if (name.empty()) return;
    blanks();
    const bool assigned = take("=");
    blanks();
    const std::string_view quote = take("\"") ? "\"" : take("'") ? "'" : "";
    const std::size_t end = quote.empty() ? std::string::npos : text_.find(quote, at_);
    if (!assigned || end == std::string::npos) {
      fail("expected " + name + "=\"value\" in <" + tag.name + ">");
    }
    const auto value = without_entities(std::string_view(text_).substr(at_, end - at_));
    if (!value) fail("an & in " + name + " begins no entity; write &amp;");
    if (!tag.attributes.emplace(name, *value).second) fail(name + " stands twice in one tag");
    at_ = end + 1;
  }
}

/// A name without its namespace's prefix.
std::string_view TagReader::word() {
  const std::size_t end = std::min(text_.find_first_of(" \t\r\n/>=<\"'", at_), text_.size());
  std::string_view word = std::string_view(text_).substr(at_, end - at_);
  at_ = end;
  if (!word.starts_with("xml")) word.remove_prefix(word.find(':') + 1);
  return word;
}

void TagReader::blanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }

bool TagReader::take(std::string_view text) {
  if (std::string_view(text_).substr(at_, text.size()) != text) return false;
  at_ += text.size();
  return true;
}

}  // namespace kith
