#include "messages/limits/network.hpp"

#define CAF_SUITE messages.limits.network
#include "tests/test.hpp"

using observer::network_of;

CAF_TEST(an address of ipv4 stands for itself however it is written) {
  CAF_CHECK_EQUAL(network_of("192.0.2.1"), "192.0.2.1");
  CAF_CHECK_EQUAL(network_of("::ffff:192.0.2.1"), "192.0.2.1");
  CAF_CHECK_NOT_EQUAL(network_of("::ffff:192.0.2.1"),
                      network_of("::ffff:192.0.2.2"));
}

CAF_TEST(an address of ipv6 stands for its network) {
  CAF_CHECK_EQUAL(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  CAF_CHECK_EQUAL(network_of("2001:db8:1:2::"), "2001:db8:1:2::/64");
  CAF_CHECK_NOT_EQUAL(network_of("2001:db8:1:3::"),
                      network_of("2001:db8:1:2::"));
  CAF_CHECK_EQUAL(network_of("fe80::1%eth0"), "fe80::/64");
}

CAF_TEST(what is no address stands for itself) {
  CAF_CHECK_EQUAL(network_of(""), "");
  CAF_CHECK_EQUAL(network_of("somewhere"), "somewhere");
}
