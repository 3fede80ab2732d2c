#pragma once

#include "messages/client_port.hpp"

#include <utility>

namespace observer {

/// Stands in for a connection that is lost, or not there yet.
class absent_port final : public client_port {
public:
  /// @param info whose connection it would be
  explicit absent_port(connection_info info = {}) : info_(std::move(info)) {
  }

  void deliver(const frame&, urgency) override {
  }

  void answer(const request_tag&, const reply&) override {
  }

  void close(std::string_view) override {
  }

  void fenced() override {
  }

  [[nodiscard]] connection_info info() const override {
    return info_;
  }

private:
  connection_info info_;
};

} // namespace observer
