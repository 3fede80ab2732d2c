#include "actors/runtime/inspectable.hpp"

#include <caf/sec.hpp>

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <cxxabi.h>
#include <memory>

namespace observer::runtime {

std::string short_type_name(const char* mangled) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> demangled{
    abi::__cxa_demangle(mangled, nullptr, nullptr, &status), &std::free};
  std::string full = status == 0 ? demangled.get() : mangled;
  // Drop the namespaces of a plain type; leave templates whole.
  if (full.find('<') == std::string::npos)
    if (auto colon = full.rfind("::"); colon != std::string::npos)
      return full.substr(colon + 2);
  return full;
}

void log_message(const actor_record& who, const char* name,
                 caf::actor_id sender) {
  spdlog::info("actor.trace actor={} kind={} name={:?} message={} from={}",
               who.id, who.kind, who.label, name, sender);
}

void note_slow(directory& actors, const actor_record& who, const loop* home,
               std::uint64_t took) {
  using std::chrono::milliseconds;
  auto time = std::chrono::duration_cast<milliseconds>(duration_of(took));
  if (home == nullptr || time < home->patience())
    return;
  constexpr auto relaxed = std::memory_order_relaxed;
  actors.alarms().passed(alarm_kind::slow_handler, who.id,
                         {.kind = who.kind,
                          .name = who.label,
                          .loop = who.loop,
                          .message = who.message.load(relaxed),
                          .sender = who.sender.load(relaxed),
                          .figure = static_cast<std::uint64_t>(time.count())},
                         home->steady_now());
}

caf::error failed(const actor_record& who, const std::exception_ptr& thrown) {
  std::string what = "unknown exception";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& x) {
    what = x.what();
  } catch (...) {
    // `what` says all there is.
  }
  spdlog::error("actor.failed actor={} kind={} name={:?} what={:?}", who.id,
                who.kind, who.label, what);
  return caf::make_error(caf::sec::runtime_error, what);
}

} // namespace observer::runtime
