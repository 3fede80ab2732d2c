#include "net/socketio/msgpack.hpp"

#include "net/socketio/json.hpp"

#include <limits>

#define CAF_SUITE net.socketio.msgpack
#include "tests/test.hpp"

using namespace observer::socketio;
using namespace std::string_literals;

namespace json = boost::json;

namespace {

/// The bytes as hexadecimal digits.
std::string to_hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : bytes) {
    out.push_back(digits[c >> 4]);
    out.push_back(digits[c & 15]);
  }
  return out;
}

std::string from_hex(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out.push_back(static_cast<char>(
      std::stoi(std::string{digits.substr(i, 2)}, nullptr, 16)));
  return out;
}

std::string write(const json::value& value,
                  const std::vector<std::string>& attachments = {}) {
  std::string out;
  append_msgpack(out, value, attachments);
  return to_hex(out);
}

/// What bytes read as, as JSON with the attachments behind it.
std::string read(std::string_view bytes, const packet_limits& limits = {}) {
  auto in = parse_msgpack(bytes, limits);
  if (!in)
    return "error " + in.error().message();
  std::string out;
  append_json(out, in->value);
  for (auto& attachment : in->attachments)
    out += "+" + to_hex(attachment);
  return out;
}

std::string read_hex(std::string_view digits,
                     const packet_limits& limits = {}) {
  return read(from_hex(digits), limits);
}

const std::string bad = "error invalid payload";
const std::string too_deep = "error values nested too deeply";
const std::string too_many = "error too many values in a packet";
const std::string too_many_members = "error too many members of an object";

/// A JSON text, and the bytes that notepack.io 2.2.0 writes for it.
struct golden {
  std::string json;
  std::string bytes;
};

const std::vector<golden> values{
  {"null", "C0"},
  {"true", "C3"},
  {"false", "C2"},
  {"0", "00"},
  {"127", "7F"},
  {"128", "CC80"},
  {"255", "CCFF"},
  {"256", "CD0100"},
  {"65535", "CDFFFF"},
  {"65536", "CE00010000"},
  {"4294967295", "CEFFFFFFFF"},
  {"4294967296", "CF0000000100000000"},
  {"9007199254740991", "CF001FFFFFFFFFFFFF"},
  {"-1", "FF"},
  {"-32", "E0"},
  {"-33", "D0DF"},
  {"-128", "D080"},
  {"-129", "D1FF7F"},
  {"-32768", "D18000"},
  {"-32769", "D2FFFF7FFF"},
  {"-2147483648", "D280000000"},
  {"-2147483649", "D3FFFFFFFF7FFFFFFF"},
  {"-9007199254740991", "D3FFE0000000000001"},
  {"0.1", "CB3FB999999999999A"},
  {R"("")", "A0"},
  {R"("é")", "A2C3A9"},
  {"[]", "90"},
  {"{}", "80"},
  {R"({"z":[1,{"a":null}],"a":"x"})", "82A17A920181A161C0A161A178"},
};

} // namespace

// -- the same as npm's --------------------------------------------------------

CAF_TEST(values are read and written as by notepack) {
  for (auto& [text, bytes] : values) {
    CAF_CHECK_EQUAL(read_hex(bytes), text);
    CAF_CHECK_EQUAL(write(parse_json(text, {}).value()), bytes);
  }
}

CAF_TEST(texts and containers of every size survive) {
  for (std::size_t size : {15, 16, 31, 32, 255, 256, 65'535, 65'536}) {
    json::array list(size, 1);
    json::object object;
    for (std::size_t i = 0; i < size; ++i)
      object.emplace("k" + std::to_string(i), i);
    json::array whole{std::string(size, 'x'), list, object};
    std::string bytes;
    append_msgpack(bytes, whole);
    auto back = parse_msgpack(bytes, {.values = 1'000'000, .members = 100'000});
    CAF_REQUIRE(back.has_value());
    CAF_CHECK(back->value == whole);
    CAF_CHECK_EQUAL(back->values, 4 + 2 * size);
  }
}

CAF_TEST(numbers survive with all their bits) {
  for (json::value number : std::initializer_list<json::value>{
         std::numeric_limits<std::int64_t>::min(),
         std::numeric_limits<std::int64_t>::max(),
         std::numeric_limits<std::uint64_t>::max(), 5e-324, 1.5, -1e300,
         1.7976931348623157e308, 0.30000000000000004,
         std::numeric_limits<double>::infinity()}) {
    std::string bytes;
    append_msgpack(bytes, number);
    auto back = parse_msgpack(bytes, {});
    CAF_REQUIRE(back.has_value());
    CAF_CHECK(back->value == number);
    CAF_CHECK(back->value.kind() == number.kind());
  }
  CAF_CHECK_EQUAL(read_hex("CA3FC00000"), "1.5"); // other encoders: 32 bits
  CAF_CHECK_EQUAL(read_hex("D300000000000000FF"), "255"); // or more than need
}

CAF_TEST(what javascript calls undefined is left out or null) {
  CAF_CHECK_EQUAL(read_hex("82A161D40000A16201"), R"({"b":1})");
  CAF_CHECK_EQUAL(read_hex("82A16201A161D40000"), R"({"b":1})");
  CAF_CHECK_EQUAL(read_hex("92D4000001"), "[null,1]");
}

CAF_TEST(dates are their text) {
  CAF_CHECK_EQUAL(read_hex("D7000000019C13558E9B"),
                  R"("2026-01-31T09:15:00.123Z")");
  CAF_CHECK_EQUAL(read_hex("D700FFFFFFFFFFFFFFFF"),
                  R"("1969-12-31T23:59:59.999Z")");
  CAF_CHECK_EQUAL(read_hex("D7000000E677D21FDBFF"),
                  R"("9999-12-31T23:59:59.999Z")");
  for (std::string_view beyond :
       {"0000E677D21FDC00", "7FFFFFFFFFFFFFFF", "8000000000000000"})
    CAF_CHECK_EQUAL(read_hex("D700" + std::string{beyond}), "null");
}

// -- binary -------------------------------------------------------------------

CAF_TEST(binary becomes attachments in order of appearance) {
  CAF_CHECK_EQUAL(read_hex("92C4020102C400"),
                  R"([{"_placeholder":true,"num":0},)"
                  R"({"_placeholder":true,"num":1}]+0102+)");
  CAF_CHECK_EQUAL(read_hex("81A16181A162C403FF00FE"),
                  R"({"a":{"b":{"_placeholder":true,"num":0}}}+FF00FE)");
}

CAF_TEST(an array buffer of any size is binary) {
  // 1 and 8 bytes are what undefined and a date have, 0xD4 and 0xD7 their code.
  for (std::size_t size : {0, 1, 8, 0xD4, 0xD7, 0xFF}) {
    auto bytes = "\xC7"s + static_cast<char>(size) + '\0'
                 + std::string(size, '\xD4');
    auto in = parse_msgpack(bytes, {});
    CAF_REQUIRE(in.has_value());
    CAF_REQUIRE_EQUAL(in->attachments.size(), 1u);
    CAF_CHECK_EQUAL(in->attachments[0], std::string(size, '\xD4'));
  }
  // The size of this one ends in the code of undefined.
  auto in = parse_msgpack("\xC8\x00\xD4\x00"s + std::string(0xD4, 'x'), {});
  CAF_REQUIRE(in.has_value());
  CAF_CHECK_EQUAL(in->attachments.size(), 1u);
}

CAF_TEST(attachments are written in the place of their placeholders) {
  auto list = parse_json(R"([{"_placeholder":true,"num":1},)"
                         R"({"a":{"_placeholder":true,"num":0}}])",
                         {})
                .value();
  CAF_CHECK_EQUAL(write(list, {"\x01\x02", ""}), "92C40081A161C4020102");
}

CAF_TEST(what is no placeholder of an attachment stays what it is) {
  for (std::string text :
       {R"({"_placeholder":true,"num":1})", R"({"_placeholder":true,"num":-1})",
        R"({"_placeholder":true,"num":"0"})", R"({"_placeholder":true})",
        R"({"_placeholder":1,"num":0})"})
    CAF_CHECK_EQUAL(read_hex(write(parse_json(text, {}).value(), {"x"})), text);
  const std::string text = R"({"_placeholder":true,"num":0})";
  CAF_CHECK_EQUAL(read_hex(write(parse_json(text, {}).value())), text);
}

// -- texts --------------------------------------------------------------------

CAF_TEST(texts and keys are utf8) {
  CAF_CHECK_EQUAL(read("\xA4\xF0\x9F\x98\x80"), "\"\U0001F600\"");
  for (std::string_view text : {"\xA1\xFF", "\xA1\x80", "\xA2\xC0\x80",
                                "\xA3\xE0\x80\x80", "\xA4\xF4\x90\x80\x80"}) {
    CAF_CHECK_EQUAL(read(text), bad);
    CAF_CHECK_EQUAL(read("\x81" + std::string{text} + "\x01"), bad);
  }
}

CAF_TEST(a lone surrogate is kept but never written) {
  CAF_CHECK_EQUAL(read("\xA4x\xED\xA0\xBD"), R"("x\ud83d")");
  CAF_CHECK_EQUAL(write(parse_json(R"(["x\ud83dy",{"\ude00":1}])", {}).value()),
                  "92A578EFBFBD7981A3EFBFBD01");
}

// -- limits and faults --------------------------------------------------------

CAF_TEST(nesting is limited) {
  auto nested = [](std::size_t depth) {
    return std::string(depth - 1, '\x91') + "\x90";
  };
  CAF_CHECK_EQUAL(read(nested(4), {.depth = 4}), "[[[[]]]]");
  CAF_CHECK_EQUAL(read(nested(5), {.depth = 4}), too_deep);
  CAF_CHECK_EQUAL(read(std::string(1'000'000, '\x91')), too_deep);
}

CAF_TEST(values are limited) {
  CAF_CHECK_EQUAL(read_hex("9301A17802", {.values = 4}), R"([1,"x",2])");
  CAF_CHECK_EQUAL(read_hex("940102030405", {.values = 4}), too_many);
  CAF_CHECK_EQUAL(read_hex("93D40000D40000D40000", {.values = 3}), too_many);
}

CAF_TEST(members of one object are limited and those left out count) {
  constexpr packet_limits two{.members = 2};
  CAF_CHECK_EQUAL(read_hex("9282A16101A1620281A16303", two),
                  R"([{"a":1,"b":2},{"c":3}])");
  for (auto map : {"83A16101A16202A16303", "83A16101A16102A16103",
                   "83A161D40000A162D40000A163D40000", "9183A161"})
    CAF_CHECK_EQUAL(read_hex(map, two), too_many_members);
}

CAF_TEST(nothing is set aside for what is only announced) {
  CAF_CHECK_EQUAL(read_hex("DDFFFFFFFF"), too_many);
  CAF_CHECK_EQUAL(read_hex("DFFFFFFFFF"), too_many_members);
  for (std::string_view head : {"DBFFFFFFFF", "C6FFFFFFFF", "C9FFFFFFFF00"})
    CAF_CHECK_EQUAL(read_hex(head), bad);
}

CAF_TEST(attachments are limited in number and bytes) {
  auto binaries = [](std::size_t count) {
    std::string out(1, static_cast<char>(0x90 + count));
    for (std::size_t i = 0; i < count; ++i)
      out += "\xC4\x01x";
    return out;
  };
  CAF_CHECK(read(binaries(10)).ends_with("+78"));
  CAF_CHECK_EQUAL(read(binaries(11)), "error too many attachments of a packet");
  CAF_CHECK(read(binaries(4), {.attachment_bytes = 4}).ends_with("+78"));
  CAF_CHECK_EQUAL(read(binaries(5), {.attachment_bytes = 4}),
                  "error attachments of a packet too large");
}

CAF_TEST(every cut and every byte behind is an error) {
  const auto whole = from_hex(
    "85A161C4020102A162D7000000019C13558E9BA163D40000A164CB3FB999999999999A"
    "A1659201A26869");
  CAF_CHECK(read(whole).starts_with('{'));
  for (std::size_t size = 0; size < whole.size(); ++size)
    CAF_CHECK_EQUAL(read(whole.substr(0, size)), bad);
  CAF_CHECK_EQUAL(read(whole + "\xC0"), bad);
}

CAF_TEST(what has no value in json is an error) {
  CAF_CHECK_EQUAL(read_hex("C1"), bad);           // no format at all
  CAF_CHECK_EQUAL(read_hex("D6FF00000000"), bad); // a timestamp
  CAF_CHECK_EQUAL(read_hex("C70105AA"), bad);     // of somebody's type 5
  CAF_CHECK_EQUAL(read_hex("810102"), bad);       // a number for a key
  CAF_CHECK_EQUAL(read_hex("81C001"), bad);       // null for a key
}

CAF_TEST(the last of two equal members counts) {
  CAF_CHECK_EQUAL(read_hex("82A16101A16102"), R"({"a":2})");
}
