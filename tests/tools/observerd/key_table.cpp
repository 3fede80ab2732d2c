#include "tools/observerd/key_table.hpp"

#define CAF_SUITE tools.observerd.key_table
#include "tests/test.hpp"

using namespace observer;

CAF_TEST(origins of pages and apps and devices can be named) {
  for (auto* text :
       {"*", "null", "https://app.example", "http://localhost:8080",
        "http://[::1]:8080", "wss://chat.example", "capacitor://localhost",
        "ionic://localhost", "tauri://localhost", "app://.", "file://",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"})
    CAF_CHECK(is_origin(text));
}

CAF_TEST(an origin in another form is one) {
  CAF_CHECK(is_origin("HTTPS://App.Example:443"));
}

CAF_TEST(what no page sends is no origin) {
  for (auto* text :
       {"", "app.example", "app.example:80", "https://", "https://app.example/",
        "https://app.example/chat", "https://app.example?", "file:///",
        "https://*.example.com", "https://ada@app.example", "app://*",
        "ftp://app.example", "https://a.example https://b.example", "NULL"})
    CAF_CHECK(!is_origin(text));
}

CAF_TEST(a host is a name or an address alone) {
  for (auto* text : {"chat.example", "Chat.Example", "intranet", "192.0.2.1",
                     "[::1]", "xn--bcher-kva.example"})
    CAF_CHECK(is_host(text));
  for (auto* text : {"", "http://chat.example", "chat.example:3000",
                     "chat.example:", "*.example", "*", "b\xC3\xBC.example",
                     "ada@chat.example", "a b"})
    CAF_CHECK(!is_host(text));
}
