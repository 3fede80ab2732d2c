#include "net/gateway/field_reader.hpp"

#include "net/socketio/json.hpp"

#define CAF_SUITE net.gateway.field_reader
#include "tests/test.hpp"

using namespace observer;
using namespace observer::gateway;

namespace {

/// Reads the field `x` of a request.
struct fixture {
  boost::json::object fields;
  std::vector<std::string> attachments;
  limit_counts met;
  std::string packet;

  /// @param json the value of `x`; empty: it is not there.
  field_reader reader(std::string_view json) {
    fields.clear();
    if (!json.empty())
      fields["x"] = socketio::parse_json(json, {}).value();
    return {fields, attachments, met};
  }

  /// What a read came to: what it read, or why the request is refused. From a
  /// row of plain fields it must come to the same.
  template <class Read>
  std::string outcome(std::string_view json, Read read) {
    auto come_to = [&](field_reader in) {
      std::string result = read(in);
      return in.fault() ? in.fault()->message : result;
    };
    auto result = come_to(reader(json));
    if (auto row = plain_row(json))
      CAF_CHECK_EQUAL(come_to({*row, met}), result);
    return result;
  }

  /// The field `x` as a row, if its value is plain.
  std::optional<std::vector<socketio::plain_field>>
  plain_row(std::string_view json) {
    packet = R"(2["e",{)";
    if (!json.empty()) // the last one counts
      packet.append(R"("x":1,"x":)").append(json);
    packet += "}]";
    socketio::plain_event event;
    if (!socketio::read_plain_event(packet, {}, event))
      return std::nullopt;
    return std::vector(event.fields.begin(), event.fields.end());
  }

  std::string name(std::string_view json, std::size_t max = 4) {
    return outcome(json, [&](auto& in) { return in.name("x", max); });
  }

  std::string text(std::string_view json) {
    return outcome(json, [](auto& in) { return in.text("x", 1, 4); });
  }

  std::string string(std::string_view json) {
    return outcome(json, [](auto& in) {
      return in.optional_string("x", 1, 4).value_or("none");
    });
  }

  std::string word(std::string_view json) {
    return outcome(json, [](auto& in) { return in.word("x", 4); });
  }

  std::string number(std::string_view json) {
    return outcome(json, [](auto& in) {
      return std::to_string(in.number("x", -5, 10));
    });
  }

  std::string flag(std::string_view json) {
    return outcome(json, [](auto& in) {
      return in.flag("x") ? std::string{"yes"} : std::string{"no"};
    });
  }

  payload value(std::string_view json) {
    auto result = reader(json).value("x");
    CAF_REQUIRE(result != nullptr);
    if (auto row = plain_row(json))
      CAF_CHECK(*field_reader(*row, met).value("x") == *result);
    return *result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(field_reader_tests, fixture)

CAF_TEST(a name is trimmed and limited in characters) {
  CAF_CHECK_EQUAL(name(R"("Ada")"), "Ada");
  CAF_CHECK_EQUAL(name(R"("  \tA a\r\n ")"), "A a");
  CAF_CHECK_EQUAL(name(R"("äöü😀")"), "äöü😀");
  CAF_CHECK_EQUAL(name(R"("äöü😀x")"),
                  "x: must not be longer than 4 characters");
  CAF_CHECK_EQUAL(name(R"(" abcd ")"), "abcd");
}

CAF_TEST(a name is there and a string and says something) {
  CAF_CHECK_EQUAL(name(""), "x: is missing");
  CAF_CHECK_EQUAL(name("null"), "x: is missing");
  CAF_CHECK_EQUAL(name("5"), "x: must be a string");
  CAF_CHECK_EQUAL(name("[\"a\"]"), "x: must be a string");
  CAF_CHECK_EQUAL(name(R"("")"), "x: must not be empty");
  CAF_CHECK_EQUAL(name(R"("  \n")"), "x: must not be empty");
}

CAF_TEST(a name can be printed and seen) {
  CAF_CHECK_EQUAL(name("\"\u00A0A\u3000b\u2003\""), "A\u3000b");
  CAF_CHECK_EQUAL(name("\"\u3164\""), "x: must not be empty");
  for (auto* json : {R"("a\u0000b")", R"("a\u007f")", R"("a\u200b")",
                     R"("\u202ea")", R"("\ud83d")"})
    CAF_CHECK_EQUAL(name(json),
                    "x: must not hold control or format characters");
  CAF_CHECK_EQUAL(name(R"("\ufe0f")"),
                  "x: must hold something that can be seen");
}

CAF_TEST(a text is kept as it is and limited in bytes) {
  CAF_CHECK_EQUAL(text(R"(" \n\u0000 ")"), std::string(" \n\0 ", 4));
  CAF_CHECK_EQUAL(text(R"("äö")"), "äö");
  CAF_CHECK_EQUAL(text(R"("äöx")"), "x: must not be longer than 4 bytes");
  CAF_CHECK_EQUAL(text(R"("")"), "x: must not be empty");
  CAF_CHECK_EQUAL(text("{}"), "x: must be a string");
  CAF_CHECK_EQUAL(text(""), "x: is missing");
  CAF_CHECK_EQUAL(text("null"), "x: is missing");
}

CAF_TEST(a word has no blanks) {
  CAF_CHECK_EQUAL(word(R"("abcd")"), "abcd");
  CAF_CHECK_EQUAL(word(R"("a b")"), "x: must be one word");
  CAF_CHECK_EQUAL(word(R"("a\tb")"), "x: must be one word");
  CAF_CHECK_EQUAL(word("\"a\u00A0b\""), "x: must be one word");
  CAF_CHECK_EQUAL(word(R"("a\u200bb")"), "x: must be one word");
  CAF_CHECK_EQUAL(word("\"äöü日\""), "äöü日");
  CAF_CHECK_EQUAL(word("\"äöü日x\""),
                  "x: must not be longer than 4 characters");
  CAF_CHECK_EQUAL(word(R"("")"), "x: must not be empty");
  CAF_CHECK_EQUAL(word(""), "x: is missing");
  CAF_CHECK_EQUAL(word("7"), "x: must be a string");
}

CAF_TEST(a string is kept as it is and limited in characters) {
  CAF_CHECK_EQUAL(string(R"(" \n\u0000 ")"), std::string(" \n\0 ", 4));
  CAF_CHECK_EQUAL(string("\"é日😀x\""), "é日😀x");
  CAF_CHECK_EQUAL(string("\"é日😀xy\""),
                  "x: must not be longer than 4 characters");
  CAF_CHECK_EQUAL(string(R"("abcde")"),
                  "x: must not be longer than 4 characters");
  CAF_CHECK_EQUAL(string(R"("")"), "x: must not be empty");
  CAF_CHECK_EQUAL(string("{}"), "x: must be a string");
  CAF_CHECK_EQUAL(string(""), "none");
}

CAF_TEST(a number is whole and in its range) {
  CAF_CHECK_EQUAL(number("10"), "10");
  CAF_CHECK_EQUAL(number("-5"), "-5");
  CAF_CHECK_EQUAL(number("5.0"), "5");
  CAF_CHECK_EQUAL(number("1e1"), "10");
  CAF_CHECK_EQUAL(number("11"), "x: must not be more than 10");
  CAF_CHECK_EQUAL(number("-6"), "x: must not be less than -5");
  for (auto* json : {"5.5", "\"5\"", "true", "[5]", "1e400", "1e300",
                     "18446744073709551615"})
    CAF_CHECK_EQUAL(number(json), "x: must be a whole number");
  CAF_CHECK_EQUAL(number(""), "x: is missing");
  CAF_CHECK_EQUAL(number("null"), "x: is missing");
}

CAF_TEST(a flag is true or false and nothing like it) {
  CAF_CHECK_EQUAL(flag("true"), "yes");
  CAF_CHECK_EQUAL(flag("false"), "no");
  for (auto* json : {"1", "\"true\"", "[]"})
    CAF_CHECK_EQUAL(flag(json), "x: must be true or false");
  CAF_CHECK_EQUAL(flag(""), "x: is missing");
}

CAF_TEST(an optional field may be left out or null) {
  for (auto* json : {"", "null"}) {
    auto in = reader(json);
    CAF_CHECK(!in.optional_name("x", 4));
    CAF_CHECK(!in.optional_string("x", 0, 4));
    CAF_CHECK(!in.optional_number("x", 0, 4));
    CAF_CHECK(!in.optional_flag("x"));
    CAF_CHECK(!in.optional_user("x"));
    CAF_CHECK(!in.fault());
  }
}

CAF_TEST(a row of plain fields is as good as an object) {
  CAF_CHECK(plain_row("5"));
  CAF_CHECK(plain_row("\"Ada\""));
  CAF_CHECK(plain_row("null"));
  CAF_CHECK(plain_row("true"));
  CAF_CHECK(plain_row(""));
  CAF_CHECK(!plain_row("[]"));
  for (auto* json : {"null", "", "0"}) {
    auto row = *plain_row(json);
    CAF_CHECK_EQUAL(field_reader(row, met).is_null("x"),
                    reader(json).is_null("x"));
  }
}

CAF_TEST(null can be told from nothing) {
  CAF_CHECK(reader("null").is_null("x"));
  CAF_CHECK(!reader("").is_null("x"));
  CAF_CHECK(!reader("0").is_null("x"));
}

CAF_TEST(the first fault is the one that is told) {
  auto in = reader("5");
  in.refuse("y", "is wrong");
  CAF_CHECK_EQUAL(in.name("x", 4), "");
  in.refuse("z", "is wrong");
  CAF_REQUIRE(in.fault().has_value());
  CAF_CHECK_EQUAL(in.fault()->message, "y: is wrong");
  CAF_CHECK(in.fault()->code == errc::bad_request);
}

// -- values -------------------------------------------------------------------

CAF_TEST(a value is any json and null when it says so) {
  for (std::string json :
       {"null", "1.5", "\"a\"", "[1,{\"b\":[]}]", "{\"z\":1,\"a\":2}"})
    CAF_CHECK_EQUAL(value(json).json, json);
  CAF_CHECK(reader("").value("x") == nullptr);
}

CAF_TEST(a value takes its attachments in order of appearance) {
  attachments = {"zero", "one", "two"};
  auto result = value(R"([{"_placeholder":true,"num":2},)"
                      R"({"a":{"_placeholder":true,"num":0}}])");
  CAF_CHECK_EQUAL(result.json, R"([{"_placeholder":true,"num":0},)"
                               R"({"a":{"_placeholder":true,"num":1}}])");
  CAF_CHECK(result.attachments == std::vector<std::string>({"two", "zero"}));
  CAF_CHECK(!result.imitates_placeholder);
}

CAF_TEST(what only looks like a placeholder is data) {
  const std::string json = R"({"_placeholder":true,"num":"x"})";
  auto result = value(json);
  CAF_CHECK_EQUAL(result.json, json);
  CAF_CHECK(result.attachments.empty());
  CAF_CHECK(result.imitates_placeholder);
  CAF_CHECK(!value(R"({"_placeholder":1,"num":0})").imitates_placeholder);
}

CAF_TEST_FIXTURE_SCOPE_END()
