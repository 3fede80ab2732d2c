#include "tools/observerctl/top.hpp"

#include "tools/observerctl/printable.hpp"
#include "tools/observerctl/top_model.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <ncurses.h>
#include <optional>
#include <stdexcept>
#include <unistd.h>

namespace observer {

namespace {

namespace json = boost::json;
using order = top_model::order;

constexpr int key_escape = 27;
constexpr int head_lines = 4; ///< above the first actor

/// The terminal is ours while this is there.
class screen {
public:
  explicit screen(std::chrono::milliseconds interval) {
    std::setlocale(LC_ALL, "");
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
      throw std::runtime_error{"top needs a terminal; see actors"};
    if (initscr() == nullptr)
      throw std::runtime_error{"the terminal cannot be used"};
    cbreak();
    noecho();
    keypad(stdscr, TRUE);
    set_escdelay(25);
    curs_set(0);
    timeout(static_cast<int>(interval.count()));
  }

  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  ~screen() {
    endwin();
  }
};

void put(int line, const std::string& text, attr_t how = A_NORMAL) {
  if (line < 0 || line >= LINES)
    return;
  attron(how);
  mvaddstr(line, 0, fit(text, static_cast<std::size_t>(COLS)).c_str());
  attroff(how);
}

std::string number(double x, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, x);
  return text.data();
}

std::string right(std::string text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text
                             : text;
}

const char* name_of(order by) {
  switch (by) {
    case order::mailbox:
      return "mailbox";
    case order::rate:
      return "rate";
    case order::cpu:
      return "CPU";
    default:
      return "id";
  }
}

class top {
public:
  using fetcher = std::function<json::value(const std::string&)>;

  explicit top(const fetcher& fetch) : fetch_(fetch) {
    look();
  }

  /// @returns whether to go on
  bool take(int key) {
    if (typing_)
      return type(key);
    switch (key) {
      case ERR: // nobody pressed one in time
        look();
        break;
      case 'q':
        return false;
      case 'm':
        by_ = order::mailbox;
        break;
      case 'r':
        by_ = order::rate;
        break;
      case 'c':
        by_ = order::cpu;
        break;
      case 'i':
        by_ = order::id;
        break;
      case '/':
        typing_ = true;
        break;
      case key_escape:
        if (!std::exchange(inside_, std::nullopt))
          filter_.clear();
        break;
      case '\n':
      case KEY_ENTER:
        if (chosen_ < shown_.size())
          inside_ = shown_[chosen_].id;
        look();
        break;
      case KEY_UP:
        chosen_ -= chosen_ > 0 ? 1 : 0;
        break;
      case KEY_DOWN:
        ++chosen_;
        break;
      case KEY_PPAGE:
        chosen_ -= std::min(chosen_, page());
        break;
      case KEY_NPAGE:
        chosen_ += page();
        break;
      default:
        break;
    }
    return true;
  }

  void draw() {
    erase();
    draw_head();
    if (inside_)
      draw_actor();
    else
      draw_actors();
    put(LINES - 1,
        typing_
          ? "filter: " + filter_ + "_"
          : " q quit  m r c i sort  / filter  Enter look inside  Esc back",
        A_REVERSE);
    refresh();
  }

private:
  bool type(int key) {
    if (key == '\n' || key == KEY_ENTER || key == key_escape)
      typing_ = false;
    else if ((key == KEY_BACKSPACE || key == 127) && !filter_.empty())
      filter_.pop_back();
    else if (key >= ' ' && key < 127)
      filter_ += static_cast<char>(key);
    else if (key == ERR)
      look();
    chosen_ = 0;
    return true;
  }

  void look() {
    try {
      model_.update(fetch_("/actors"), std::chrono::steady_clock::now());
      if (inside_)
        actor_ = fetch_("/actors/" + std::to_string(*inside_));
      trouble_.clear();
    } catch (const std::exception& error) {
      if (model_.kinds().empty())
        throw;
      trouble_ = error.what();
    }
  }

  [[nodiscard]] static std::size_t page() {
    return static_cast<std::size_t>(std::max(1, LINES - head_lines - 1));
  }

  void draw_head() {
    std::string kinds;
    for (auto& [kind, count] : model_.kinds())
      kinds += kind + " " + std::to_string(count) + "  ";
    put(0, kinds);
    auto& rates = model_.rates();
    auto width = static_cast<std::size_t>(std::max(10, COLS - 30));
    put(1, right(rates.empty() ? "-" : number(rates.back(), 0), 9)
             + " messages/s " + sparkline(rates, width));
    put(2,
        trouble_.empty() ? filter_.empty() ? "" : "only: " + filter_
                         : "! " + printable(trouble_),
        trouble_.empty() ? A_NORMAL : A_BOLD);
  }

  void draw_actors() {
    put(3, "     ID KIND            MAILBOX      MSG/S   CPU%  NAME",
        A_REVERSE);
    mvaddstr(3, std::max(0, COLS - 12),
             (std::string{"by "} + name_of(by_)).c_str());
    shown_ = model_.rows(by_, filter_);
    chosen_ = std::min(chosen_, shown_.empty() ? 0 : shown_.size() - 1);
    auto first = chosen_ < page() ? 0 : chosen_ - page() + 1;
    for (std::size_t i = 0; i < page() && first + i < shown_.size(); ++i) {
      auto& x = shown_[first + i];
      put(head_lines + static_cast<int>(i),
          right(std::to_string(x.id), 7) + " " + fit(x.kind, 15)
            + right(std::to_string(x.mailbox), 8) + right(number(x.rate, 1), 11)
            + right(number(x.cpu * 100, 1), 7) + "  " + x.name
            + (x.state == "idle" ? "" : "  [" + x.state + "]"),
          first + i == chosen_ ? A_STANDOUT : A_NORMAL);
    }
  }

  /// All that `/actors/{id}` says of one, a line for each fact.
  void draw_actor() {
    int line = head_lines;
    put(3, "actor " + std::to_string(*inside_), A_REVERSE);
    draw_facts(actor_, "", line);
  }

  static void draw_facts(const json::value& facts, const std::string& prefix,
                         int& line) {
    const auto* object = facts.if_object();
    if (object == nullptr)
      return;
    for (auto& [key, value] : *object) {
      auto name = prefix + std::string{key};
      if (value.is_object())
        draw_facts(value, name + ".", line);
      else if (line < LINES - 1)
        put(line++,
            "  " + fit(name, 28) + " "
              + printable(value.is_string() ? std::string{value.get_string()}
                                            : json::serialize(value)));
    }
  }

  const fetcher& fetch_;
  top_model model_;
  order by_ = order::rate;
  std::string filter_;
  std::string trouble_; ///< why the last look failed
  bool typing_ = false; ///< the filter
  std::vector<top_row> shown_;
  std::size_t chosen_ = 0;
  std::optional<std::uint64_t> inside_; ///< the actor that is looked into
  json::value actor_;
};

} // namespace

void show_top(const std::function<json::value(const std::string&)>& fetch,
              std::chrono::milliseconds interval) {
  top what{fetch}; // if it fails, the terminal is as it was
  screen ours{interval};
  do
    what.draw();
  while (what.take(getch()));
}

} // namespace observer
