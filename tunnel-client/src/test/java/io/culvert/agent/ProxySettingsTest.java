package io.culvert.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxySettingsTest {
  @ParameterizedTest
  @CsvSource({
    "http://user:p%40ss@proxy:3128, http://proxy:3128",
    "proxy:3128, http://proxy:3128",
    "http://proxy, http://proxy:1080",
    "socks5://[::1]:1080, socks5://[::1]:1080",
  })
  void whatIsAProxy(String text, String shown) {
    assertEquals(shown, ProxySettings.parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "https://user:secret@proxy",
    "http://user:secret@proxy/path",
    "http://user:secret @proxy",
    "socks5://user:secret@proxy",
    "http://",
  })
  void whatIsNoneIsSaidWithoutTheSecret(String text) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ProxySettings.parse(text));
    assertFalse(e.getMessage().contains("secret"), e.getMessage());
    assertTrue(e.getMessage().contains("expected a proxy like"), e.getMessage());
  }

  private static String way(Map<String, String> environment, String url) {
    return ProxySettings.fromEnvironment(environment, url)
        .map(ProxySettings::toString)
        .orElse("direct");
  }

  @Test
  void theEnvironmentIsReadAsCurlDoes() {
    Map<String, String> all =
        Map.of("HTTPS_PROXY", "http://s:1", "http_proxy", "h:2", "ALL_PROXY", "socks5://a:3");
    assertEquals("http://s:1", way(all, "wss://relay.example"));
    assertEquals("http://h:2", way(all, "ws://relay.example"));
    assertEquals("direct", way(Map.of("HTTP_PROXY", "h:2"), "ws://relay.example"));
    assertEquals("socks5://a:3", way(Map.of("ALL_PROXY", "socks5://a:3"), "ws://relay.example"));
    assertEquals("direct", way(Map.of(), "ws://relay.example"));
    assertEquals("direct", way(Map.of("https_proxy", ""), "wss://relay.example"));
  }

  @ParameterizedTest
  @CsvSource({
    "*, relay.example, true",
    "relay.example, relay.example, true",
    "example, relay.example, true",
    ".example, relay.example, true",
    "'a.b, example.', RELAY.example, true",
    "lay.example, relay.example, false",
    "'*,x', relay.example, false",
    "10.0.0.0/8, 10.1.2.3, true",
    "10.0.0.0/8, 11.1.2.3, false",
    "10.1.2.3, 10.1.2.3, true",
    "'::1', '[::1]', true",
    "2.3, 10.1.2.3, false",
    "10.0.0.0/99, 10.1.2.3, false",
    "'', relay.example, false",
  })
  void someHostsNeedNoProxy(String list, String host, boolean direct) {
    String way = way(Map.of("http_proxy", "p:1", "no_proxy", list), "ws://" + host + ":80");
    assertEquals(direct ? "direct" : "http://p:1", way);
  }
}
