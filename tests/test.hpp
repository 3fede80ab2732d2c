#pragma once

// Include this last, after `#define CAF_SUITE` and the headers under test: the
// DSL defines macros such as `expect` and `allow`.
#include <caf/test/unit_test.hpp>

// CAF 0.17.6's dsl.hpp uses FAIL without defining it.
#define FAIL CAF_FAIL
#include <caf/test/dsl.hpp>
