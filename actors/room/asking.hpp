#pragma once

#include "actors/room/room.hpp"

#include <caf/result.hpp>
#include <caf/sec.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

/// How a room answers queries; for those of its sources that do.
namespace observer {

template <class Result, class F>
caf::result<Result> room::ask(F look) {
  if (is_awake() && waiting_.empty())
    return look();
  auto promise = make_response_promise<Result>();
  deliver(promise, look);
  return promise;
}

/// What is seen now is told once it is stored. If it never is, what is there
/// then is looked at first, before anything else is decided.
template <class Result, class F>
void room::deliver(caf::typed_response_promise<Result> promise, F look) {
  auto later = [this, promise, look](bool awake) mutable {
    if (awake)
      deliver(promise, look);
    else
      promise.deliver(caf::make_error(caf::sec::runtime_error));
  };
  if (!is_awake())
    return stash(std::move(later));
  if (waiting_.empty()) {
    promise.deliver(look());
    return;
  }
  commit work;
  work.effects.push_back(
    effect::shown{[this, promise, later, seen = look()](bool stored) mutable {
      if (stored)
        promise.deliver(std::move(seen));
      else
        stash_.insert(stash_.begin(), std::move(later));
    }});
  record({}, std::move(work));
}

} // namespace observer
