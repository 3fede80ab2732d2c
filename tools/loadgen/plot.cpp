#include "tools/loadgen/plot.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace observer::loadgen {

namespace {

constexpr double width = 860;
constexpr double left = 90;
constexpr double right = 110; // room for the names of the lines
constexpr double panel_height = 200;
constexpr double first_top = 60;
constexpr double second_top = first_top + panel_height + 60;
constexpr double height = second_top + panel_height + 50;

struct line {
  const char* name;
  const char* color;
  double percent;
};

constexpr std::array<line, 4> lines{{{"p50", "#2b7bba", 50},
                                     {"p90", "#3a9d5d", 90},
                                     {"p99", "#d98c1f", 99},
                                     {"max", "#c0392b", 100}}};

template <class... Ts>
std::string format(const char* pattern, Ts... values) {
  char out[512];
  std::snprintf(out, sizeof out, pattern, values...);
  return out;
}

/// 1, 2 or 5 times a power of ten, not below `x`.
double nice(double x) {
  if (x <= 0)
    return 1;
  auto power = std::pow(10, std::floor(std::log10(x)));
  for (double step : {1.0, 2.0, 5.0})
    if (x <= step * power)
      return step * power;
  return 10 * power;
}

/// `1500` as `1.5k`, and so on.
std::string short_number(double x) {
  if (x >= 1e6)
    return format("%gM", x / 1e6);
  if (x >= 1e3)
    return format("%gk", x / 1e3);
  return format("%g", x);
}

std::string short_time(double us) {
  if (us >= 1e6)
    return format("%g s", us / 1e6);
  if (us >= 1e3)
    return format("%g ms", us / 1e3);
  return format("%g us", us);
}

/// Draws on what `out` holds already.
class canvas {
public:
  explicit canvas(double span) : span_(span) {
    out_ = format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" "
                  "height=\"%g\" viewBox=\"0 0 %g %g\" font-family="
                  "\"sans-serif\" font-size=\"12\">\n"
                  "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
                  width, height, width, height);
  }

  [[nodiscard]] double x_of(double at) const {
    return left + (width - left - right) * (span_ > 0 ? at / span_ : 0);
  }

  void text(double x, double y, const char* anchor, const std::string& what,
            const char* color = "#333") {
    out_ += format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" "
                   "fill=\"%s\">",
                   x, y, anchor, color);
    out_ += what;
    out_ += "</text>\n";
  }

  void grid_line(double y, const std::string& label) {
    out_ += format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
                   "stroke=\"#ddd\"/>\n",
                   left, y, width - right, y);
    text(left - 8, y + 4, "end", label);
  }

  void curve(const std::string& points, const char* color) {
    out_ += "<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"";
    out_ += color;
    out_ += "\" points=\"" + points + "\"/>\n";
  }

  /// The seconds under a panel.
  void time_axis(double bottom) {
    auto step = nice(span_ / 12);
    auto count = static_cast<int>(span_ / step * 1.0001);
    for (int i = 0; i <= count; ++i)
      text(x_of(i * step), bottom + 16, "middle", format("%g s", i * step));
  }

  [[nodiscard]] std::string finish() && {
    return std::move(out_) + "</svg>\n";
  }

private:
  double span_;
  std::string out_;
};

void draw_rate(canvas& out, const timeline& x) {
  auto slice = seconds(x.width());
  double top_rate = 0;
  // The last slice may be cut short by the end, which is no drop in the rate.
  auto count = x.slices().size() > 1 ? x.slices().size() - 1
                                     : x.slices().size();
  for (std::size_t i = 0; i < count; ++i)
    top_rate = std::max(top_rate,
                        static_cast<double>(x.slices()[i].count()) / slice);
  auto scale = nice(top_rate);
  auto bottom = first_top + panel_height;
  for (int i = 0; i <= 4; ++i)
    out.grid_line(bottom - panel_height * i / 4, short_number(scale * i / 4));
  std::string points;
  for (std::size_t i = 0; i < count; ++i) {
    auto rate = static_cast<double>(x.slices()[i].count()) / slice;
    points += format("%.1f,%.1f ",
                     out.x_of((static_cast<double>(i) + 0.5) * slice),
                     bottom - panel_height * rate / scale);
  }
  out.curve(points, "#2b7bba");
  out.time_axis(bottom);
}

void draw_latency(canvas& out, const timeline& x, const histogram& all) {
  auto lowest = std::floor(
    std::log10(std::max(1.0, static_cast<double>(all.min()) / 1e3)));
  auto highest = std::max(
    lowest + 1,
    std::ceil(std::log10(std::max(1.0, static_cast<double>(all.max()) / 1e3))));
  auto bottom = second_top + panel_height;
  auto y_of = [&](std::uint64_t ns) {
    auto us = std::max(1.0, static_cast<double>(ns) / 1e3);
    return bottom
           - panel_height * (std::log10(us) - lowest) / (highest - lowest);
  };
  for (int i = 0; i <= static_cast<int>(highest - lowest); ++i) {
    auto us = std::pow(10, lowest + i);
    out.grid_line(y_of(static_cast<std::uint64_t>(1e3 * us)), short_time(us));
  }
  auto legend = second_top + 12;
  for (auto& each : lines) {
    std::string points;
    for (std::size_t i = 0; i < x.slices().size(); ++i) {
      auto& slice = x.slices()[i];
      if (slice.count() > 0)
        points += format(
          "%.1f,%.1f ",
          out.x_of((static_cast<double>(i) + 0.5) * seconds(x.width())),
          y_of(slice.percentile(each.percent)));
    }
    out.curve(points, each.color);
    auto overall = static_cast<double>(all.percentile(each.percent)) / 1e3;
    out.text(width - right + 10, legend, "start",
             each.name + (" " + short_time(std::round(overall))), each.color);
    legend += 18;
  }
  out.time_axis(bottom);
}

} // namespace

std::string plot(const options& settings, const outcome& result) {
  auto& x = result.units;
  canvas out{
    std::max(result.seconds,
             seconds(x.width()) * static_cast<double>(x.slices().size()))};
  std::string unit{unit_of(settings.scenario)};
  out.text(left, 24, "start",
           std::string{to_string_view(settings.scenario)} + ": "
             + short_number(result.count) + " units (" + unit + ") in "
             + format("%.1f s", result.seconds));
  out.text(left, first_top - 10, "start", unit + ": units per second");
  out.text(left, second_top - 10, "start", unit + ": latency");
  draw_rate(out, x);
  draw_latency(out, x, result.latency);
  return std::move(out).finish();
}

} // namespace observer::loadgen
