package io.culvert.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.Await;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Relays and agents that are killed, come back, show tokens, and bridges. */
@Timeout(300) // a hang guard
class LifeTest {
  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Program> programs = new ArrayList<>();
  private JettyUpstream upstream;

  @BeforeEach
  void start() throws Exception {
    upstream = new JettyUpstream();
  }

  @AfterEach
  void stop() throws Exception {
    programs.forEach(Program::close);
    upstream.close();
  }

  private Program culvert(Map<String, String> environment, String... arguments) throws IOException {
    Program program = Program.culvert(environment, arguments);
    programs.add(program);
    return program;
  }

  private CompletableFuture<HttpResponse<String>> begin(Tunnel tunnel, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(tunnel.uri(path)).version(HttpClient.Version.HTTP_1_1).build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private String get(Tunnel tunnel, String path) throws Exception {
    return begin(tunnel, path).get(60, TimeUnit.SECONDS).body();
  }

  @Test
  void whatRunsOnAKilledAgentFailsAndNothingElse() throws Exception {
    try (Tunnel tunnel = new Tunnel("--resume-timeout", "3s")) {
      Program first = tunnel.agent(upstream.uri().toString(), "--id", "first");
      CompletableFuture<HttpResponse<String>> onFirst = begin(tunnel, "/hang");
      Await.until("it runs", () -> upstream.hanging.get() == 1);
      tunnel.agent(upstream.uri().toString(), "--id", "second");
      CompletableFuture<HttpResponse<String>> onSecond = begin(tunnel, "/hang");
      Await.until("it runs, too", () -> upstream.hanging.get() == 2);

      first.kill();
      for (int i = 0; i < 20; i++) {
        assertEquals("hello\n", get(tunnel, "/hello"));
      }
      HttpResponse<String> failed = onFirst.get(60, TimeUnit.SECONDS);
      assertEquals(502, failed.statusCode());
      assertTrue(failed.body().contains("\"delivered\":\"unknown\""), failed.body());
      assertTrue(failed.body().contains("\"hop\":\"tunnel\""), failed.body());
      assertFalse(onSecond.isDone());
    }
  }

  @Test
  void anAgentThatWasKilledAndStartedAgainHasItsNameAtOnce() throws Exception {
    // The corpse could be resumed for a minute: nobody waits for that.
    try (Tunnel tunnel = new Tunnel()) {
      Program first = tunnel.agent(upstream.uri().toString());
      CompletableFuture<HttpResponse<String>> running = begin(tunnel, "/hang");
      Await.until("it runs", () -> upstream.hanging.get() == 1);
      first.kill();
      tunnel.agent(upstream.uri().toString());

      assertEquals("hello\n", get(tunnel, "/hello"));
      HttpResponse<String> failed = running.get(20, TimeUnit.SECONDS);
      assertEquals(502, failed.statusCode());
      assertTrue(failed.body().contains("agent-replaced"), failed.body());
    }
  }

  @Test
  void agentsComeBackToARelayThatWasStartedAgain() throws Exception {
    Program agent;
    int port;
    try (Tunnel tunnel = new Tunnel()) {
      port = tunnel.port();
      agent =
          culvert(
              Map.of(),
              "agent",
              "--relay",
              "ws://127.0.0.1:" + port,
              "--name",
              Tunnel.NAME,
              "--to",
              upstream.uri().toString());
      agent.await("Connected to");
      tunnel.relay().kill();
      Program again = culvert(Map.of(), "relay", "--port", "" + port, "--default-name", "pets");
      again.await("Relay ready");
      Await.until(
          "the agent is back",
          () -> agent.lines().stream().filter(l -> l.contains("Connected to")).count() == 2);
      assertEquals("hello\n", get(tunnel, "/hello"));
    }
  }

  @Test
  void withATokenFileOnlyWhoHasATokenServesOrCalls() throws Exception {
    Path serve = folder.resolve("serve.token");
    Path other = folder.resolve("other.token");
    Path entries = folder.resolve("tokens.yaml");
    Files.writeString(
        entries,
        entry("alice", "serve:pets", serve) + entry("bob", "serve:toys,connect:pets", other));
    try (Tunnel tunnel = new Tunnel("--bind", "127.0.0.1", "--token-file", entries.toString())) {
      String relay = "ws://127.0.0.1:" + tunnel.port();
      String to = upstream.uri().toString();

      Program nobody = culvert(Map.of(), "agent", "--relay", relay, "--name", "pets", "--to", to);
      assertEquals(4, nobody.exitStatus(), nobody.output());
      Program wrong =
          culvert(
              Map.of("CULVERT_TOKEN", "cvt_wrong"),
              "agent",
              "--relay",
              relay,
              "--name",
              "pets",
              "--to",
              to);
      assertEquals(4, wrong.exitStatus(), wrong.output());
      assertTrue(wrong.output().contains("does not know the token"), wrong.output());
      Program notHis =
          culvert(
              Map.of(),
              "agent",
              "--relay",
              relay,
              "--name",
              "pets",
              "--to",
              to,
              "--token-file",
              other.toString());
      assertEquals(4, notHis.exitStatus(), notHis.output());
      assertTrue(notHis.output().contains("does not allow this name"), notHis.output());

      Program agent = tunnel.agent(to, "--token-file", serve.toString());
      assertEquals("hello\n", get(tunnel, "/hello"));
      Program bridge =
          culvert(
              Map.of("CULVERT_TOKEN", Files.readString(other).strip()),
              "connect",
              "--relay",
              relay,
              "--name",
              "pets",
              "--listen",
              "0");
      String port = bridge.await(" is at 127.0.0.1:([0-9]+)");
      assertEquals("hello\n", Program.curl("http://127.0.0.1:" + port + "/hello"));

      // Taken away from alice, and so from her agent.
      Files.writeString(entries, entry("bob", "connect:pets", folder.resolve("third.token")));
      assertEquals(4, agent.exitStatus(), agent.output());
      String all = tunnel.relay().output() + agent.output() + bridge.output() + wrong.output();
      assertFalse(all.contains("cvt_"), all);
    }
  }

  /** A new token in this file; gives its entry. */
  private String entry(String identity, String scopes, Path token) throws Exception {
    Program made =
        culvert(
            Map.of(),
            "token",
            "--identity",
            identity,
            "--scope",
            scopes,
            "--out",
            token.toString());
    assertEquals(0, made.exitStatus(), made.output());
    Matcher hash = Pattern.compile("sha256: \"?([0-9a-f]{64})").matcher(made.output());
    assertTrue(hash.find(), made.output());
    String head = identity.equals("alice") || scopes.equals("connect:pets") ? "tokens:\n" : "";
    return head
        + "  - {identity: "
        + identity
        + ", sha256: \""
        + hash.group(1)
        + "\", scopes: ["
        + scopes.replace(",", ", ")
        + "]}\n";
  }

  @Test
  void statusSaysWhoIsThere() throws Exception {
    try (Tunnel tunnel = new Tunnel("--admin-port", "0")) {
      tunnel.agent(upstream.uri().toString(), "--id", "the-one");
      String admin = tunnel.relay().await("Status and metrics: (127.0.0.1:[0-9]+)");
      assertEquals("hello\n", get(tunnel, "/hello"));

      Program status = culvert(Map.of(), "status", "--admin", "http://" + admin);
      assertEquals(0, status.exitStatus(), status.output());
      assertTrue(status.output().contains("pets"), status.output());
      assertTrue(status.output().contains("the-one"), status.output());
      String metrics = Program.curl("http://" + admin + "/metrics");
      assertTrue(metrics.contains("pets"), metrics);
    }
  }

  @Test
  void aStoppedRelayLetsRunningRequestsFinish() throws Exception {
    try (Tunnel tunnel = new Tunnel()) {
      tunnel.agent(upstream.uri().toString());
      CompletableFuture<HttpResponse<String>> running = begin(tunnel, "/events");
      upstream.events.add("first");
      Await.until("it runs", upstream.events::isEmpty);
      tunnel.relay().terminate();
      tunnel.relay().await("Stopping");
      upstream.events.add("last");
      upstream.events.add("");

      assertEquals("data: first\n\ndata: last\n\n", running.get(60, TimeUnit.SECONDS).body());
      assertEquals(143, tunnel.relay().exitStatus());
    }
  }

  @Test
  void aDirectoryIsServed() throws Exception {
    Files.writeString(folder.resolve("page.html"), "<p>a page</p>", UTF_8);
    try (Tunnel tunnel = new Tunnel()) {
      Program agent =
          culvert(
              Map.of(),
              "agent",
              "--relay",
              "ws://127.0.0.1:" + tunnel.port(),
              "--name",
              "pets",
              "--serve",
              folder.toString());
      agent.await("Connected to");
      assertEquals("<p>a page</p>", get(tunnel, "/page.html"));
    }
  }
}
