#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "core/text.h"
#include "graph/file.h"
#include "graph/markup.h"
#include "graph/named_graph.h"

namespace kith {
namespace {

/// `key value` or `key [ items ]`.
struct Item {
  std::string key;
  std::int64_t line = 0;
  std::string text;  // of a value
  std::vector<Item> items;
  bool is_list = false;
};

class GmlReader {
 public:
  explicit GmlReader(const std::filesystem::path& file)
      : name_(file.string()), text_(read_text(file)) {}

  Graph read() {
    const std::vector<Item> items = list(0);
    const auto is_graph = [](const Item& item) { return item.key == "graph" && item.is_list; };
    const auto graph = std::ranges::find_if(items, is_graph);
    if (graph == items.end()) throw InputError(name_ + ": holds no graph [ … ]");
    if (const auto other = std::find_if(graph + 1, items.end(), is_graph); other != items.end()) {
      fail(other->line, "holds a second graph; one file is one graph");
    }
    const bool directed = value(*graph, "directed", "0") != "0";
    NamedGraph result(name_);
    for (const Item& item : graph->items) {
      if (item.key == "node") {
        result.add_node(value(item, "id"), value(item, "label", ""), item.line);
      } else if (item.key == "edge") {
        result.add_edge(value(item, "source"), value(item, "target"), directed, item.line);
      }
    }
    return result.numbered();
  }

 private:
  static constexpr int kMostDepth = 100;

  [[noreturn]] void fail(std::int64_t line, const std::string& message) const {
    throw InputError(name_ + ": line " + std::to_string(line) + ": " + message);
  }

  const std::string& value(const Item& list, const std::string& key) const {
    for (const Item& item : list.items) {
      if (item.key == key && !item.is_list) return item.text;
    }
    fail(list.line, list.key + " [ … ] has no " + key);
  }

  static std::string value(const Item& list, const std::string& key, const std::string& standard) {
    for (const Item& item : list.items) {
      if (item.key == key && !item.is_list) return item.text;
    }
    return standard;
  }

  /// Items up to the ] that closes them, or, at depth 0, to the end of the file.
  std::vector<Item> list(int depth) {
    std::vector<Item> items;
    const std::int64_t begin = line_;
    while (true) {
      blanks();
      if (at_ == text_.size()) {
        if (depth > 0) fail(begin, "[ is never closed; is the file truncated?");
        return items;
      }
      if (text_[at_] == ']' && depth > 0) {
        ++at_;
        return items;
      }
      items.push_back(item(depth));
    }
  }

  Item item(int depth) {
    Item item{.key = {}, .line = line_, .text = {}, .items = {}};
    item.key = word();
    if (item.key.empty() || !std::isalpha(static_cast<unsigned char>(item.key[0]))) {
      fail(line_, "expected a key, got " +
                      in_quotes(item.key.empty() ? text_.substr(at_, 1) : item.key.substr(0, 40)));
    }
    blanks();
    if (at_ < text_.size() && text_[at_] == '[') {
      if (depth == kMostDepth) fail(line_, "too many [ in each other");
      ++at_;
      item.is_list = true;
      item.items = list(depth + 1);
    } else if (at_ < text_.size() && text_[at_] == '"') {
      item.text = quoted();
    } else {
      item.text = word();
      if (item.text.empty()) fail(line_, "expected a value of " + item.key);
    }
    return item;
  }

  std::string word() {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n[]\"", at_), text_.size());
    std::string word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }

  std::string quoted() {
    const std::size_t begin = at_ + 1;
    const std::size_t end = text_.find('"', begin);
    if (end == std::string::npos) fail(line_, "\" is never closed; is the file truncated?");
    const std::string raw = text_.substr(begin, end - begin);
    line_ += std::ranges::count(raw, '\n');
    at_ = end + 1;
    return without_entities(raw).value_or(raw);  // many programs write a bare &
  }

  /// Skips blanks and comments.
  void blanks() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      if (at_ == text_.size()) return;
      if (!std::isspace(static_cast<unsigned char>(text_[at_]))) return;
      line_ += text_[at_] == '\n';
    }
  }

  std::string name_;
  std::string text_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

}  // namespace

Graph read_gml(const std::filesystem::path& file) { return GmlReader(file).read(); }

}  // namespace kith
