package io.culvert.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.rendezvous.Rendezvous;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamTest {
  @ParameterizedTest
  @CsvSource({
    "http://localhost:3000, http://localhost:3000, localhost:3000, false, false",
    "http://localhost:3000/, http://localhost:3000, localhost:3000, false, false",
    "http://Web_1, http://web_1, web_1, false, false",
    "https://api.example, https://api.example, api.example, true, false",
    "https://[::1]:8443, https://[::1]:8443, [::1]:8443, true, false",
    "h2c://10.0.0.1:50051, h2c://10.0.0.1:50051, 10.0.0.1:50051, false, true",
    "unix:/run/up.sock, unix:/run/up.sock, localhost, false, false",
    "unix:///run/up.sock, unix:/run/up.sock, localhost, false, false",
    "unix+h2c:/run/up.sock, unix+h2c:/run/up.sock, localhost, false, true",
  })
  void whatIsAnUpstream(String text, String shown, String authority, boolean tls, boolean h2c) {
    Upstream upstream = Upstream.parse(text);
    assertEquals(shown, upstream.toString());
    assertEquals(authority, upstream.authority());
    assertEquals(tls, upstream.tls());
    assertEquals(h2c, upstream.h2c());
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:3000, the scheme is missing",
    "3000, the scheme is missing",
    "ftp://localhost, the scheme is 'ftp'",
    "http://localhost:3000/api, it has a path",
    "http://localhost:3000?x=1, it has a query",
    "http://user:secret@localhost, it has credentials",
    "http://:3000, no host",
    "http://localhost:0, the port is 0",
    "http://localhost:70000, the port is 70000",
    "h2c://localhost, the port is missing",
    "unix:up.sock, no absolute path",
    "'', it is no URL",
  })
  void whatIsNoneIsSaidClearly(String text, String why) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Upstream.parse(text));
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertFalse(e.getMessage().contains("secret"), "credentials in a message");
  }

  @Test
  void settingsOfTlsNeedTls() {
    Upstream plain = Upstream.parse("http://localhost:1");
    assertThrows(IllegalStateException.class, plain::insecure);
  }

  @Test
  void theDefaultIdIsTheSameAgainAndValid() {
    Upstream upstream = Upstream.parse("http://localhost:1");
    String id = AgentIds.of("my host.example", "pets", upstream);
    assertEquals(id, AgentIds.of("my host.example", "pets", upstream));
    assertTrue(Rendezvous.isAgentId(id), id);
    assertTrue(Rendezvous.isAgentId(AgentIds.of("h".repeat(300), "pets", upstream)));
    assertNotEquals(id, AgentIds.of("my host.example", "cats", upstream));
  }
}
