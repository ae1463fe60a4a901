package io.culvert.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.rendezvous.Rendezvous;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent between a stub of a relay and services that are scripts. */
@Timeout(60)
class AgentTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private RelayStub relay;

  @TempDir Path directory;

  @BeforeEach
  void startRelay() throws Exception {
    relay = new RelayStub();
  }

  @AfterEach
  void endEverything() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
    relay.close();
    threads.shutdownNow();
    Await.noThreads("culvert-agent");
  }

  private <T extends AutoCloseable> T closing(T one) {
    opened.add(one);
    return one;
  }

  private RawUpstream upstream(RawUpstream.Script script) throws IOException {
    return closing(new RawUpstream(script));
  }

  private Agent agent(String upstream) {
    return agent(Agent.builder(relay.url(), "pets", Upstream.parse(upstream)));
  }

  private Agent agent(Agent.Builder builder) {
    Agent agent = builder.start();
    opened.add(0, () -> agent.close(Duration.ZERO));
    Await.until("the agent is there", () -> relay.agent() != null && agent.status().connected());
    return agent;
  }

  private ErrorCode codeOf(TunnelStream stream) {
    return assertThrows(TunnelException.class, () -> stream.inputStream().read()).code();
  }

  @Test
  void bytesGoToTheUpstreamAndBackEachWithItsEnd() throws Exception {
    agent(upstream(RawUpstream::echo).url());
    TunnelStream stream = relay.open();
    stream.outputStream().write("hello".getBytes(StandardCharsets.UTF_8));
    stream.shutdownOutput();
    assertEquals("hello", new String(stream.inputStream().readAllBytes(), StandardCharsets.UTF_8));
  }

  @Test
  void sixtyFourMebibytesEachWayAtOnce() throws Exception {
    agent(upstream(RawUpstream::echo).url());
    byte[] chunk = new byte[1 << 20];
    new Random(1).nextBytes(chunk);
    TunnelStream stream = relay.open();
    Future<?> sending =
        threads.submit(
            () -> {
              for (int i = 0; i < 64; i++) {
                stream.outputStream().write(chunk);
              }
              stream.shutdownOutput();
              return null;
            });
    for (int i = 0; i < 64; i++) {
      assertArrayEquals(chunk, stream.inputStream().readNBytes(chunk.length), "MiB " + i);
    }
    assertEquals(-1, stream.inputStream().read());
    sending.get();
  }

  @Test
  void twoHundredStreamsAtOnce() throws Exception {
    Agent agent = agent(upstream(RawUpstream::echo).url());
    List<TunnelStream> streams = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      TunnelStream stream = relay.open();
      stream.outputStream().write(new byte[] {(byte) i, (byte) (i >> 8)});
      streams.add(stream);
    }
    for (int i = 0; i < 200; i++) {
      assertArrayEquals(
          new byte[] {(byte) i, (byte) (i >> 8)}, streams.get(i).inputStream().readNBytes(2));
    }
    assertEquals(200, agent.status().openStreams());
    streams.forEach(TunnelStream::close);
    Await.until("all are over", () -> agent.status().openStreams() == 0);
  }

  @Test
  void anUpstreamThatIsNotThereIsRefusedAndNothingWasDelivered() throws Exception {
    ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    gone.close();
    agent("http://localhost:" + gone.getLocalPort());
    TunnelStream stream = relay.open();
    stream.outputStream().write('x');
    TunnelException e = assertThrows(TunnelException.class, () -> stream.inputStream().read());
    assertEquals(ErrorCode.UPSTREAM_REFUSED, e.code());
    assertEquals(Delivered.NO, e.delivered());
  }

  @Test
  void anUnknownHostIsUnreachable() throws Exception {
    agent("http://no-such-host.invalid:80");
    assertEquals(ErrorCode.UPSTREAM_UNREACHABLE, codeOf(relay.open()));
  }

  @Test
  void aMissingUnixSocketIsUnreachable() throws Exception {
    agent("unix:" + directory.resolve("none.sock"));
    assertEquals(ErrorCode.UPSTREAM_UNREACHABLE, codeOf(relay.open()));
  }

  @Test
  void aUnixSocketIsAnUpstream() throws Exception {
    Path path = directory.resolve("up.sock");
    ServerSocketChannel server = closing(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
    server.bind(UnixDomainSocketAddress.of(path));
    agent("unix:" + path);
    TunnelStream stream = relay.open();
    stream.outputStream().write('u');
    SocketChannel accepted = closing(server.accept());
    ByteBuffer read = ByteBuffer.allocate(8);
    assertEquals(1, accepted.read(read));
    accepted.write(ByteBuffer.wrap(new byte[] {'v'}));
    assertEquals('v', stream.inputStream().read());
  }

  @Test
  void aTlsHandshakeThatIsNotAnsweredTakesTooLong() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    RawUpstream silent = upstream(socket -> end.await());
    agent(
        Agent.builder(
            relay.url(),
            "pets",
            Upstream.parse(silent.url().replace("http", "https"))
                .connectTimeout(Duration.ofMillis(300))));
    assertEquals(ErrorCode.UPSTREAM_TIMEOUT, codeOf(relay.open()));
    end.countDown();
  }

  @Test
  void anUpstreamWithoutTlsIsUntrusted() throws Exception {
    RawUpstream plain =
        upstream(
            socket ->
                socket
                    .getOutputStream()
                    .write("HTTP/1.1 400\r\n".getBytes(StandardCharsets.UTF_8)));
    agent(plain.url().replace("http", "https"));
    assertEquals(ErrorCode.UPSTREAM_UNTRUSTED, codeOf(relay.open()));
  }

  @Test
  void anUpstreamThatCutsTheConnectionIsNoEnd() throws Exception {
    RawUpstream cutting =
        upstream(
            socket -> {
              socket.getOutputStream().write(socket.getInputStream().read());
              socket.getInputStream().read();
              socket.setSoLinger(true, 0);
            });
    agent(cutting.url());
    TunnelStream stream = relay.open();
    stream.outputStream().write('a');
    assertEquals('a', stream.inputStream().read());
    stream.outputStream().write('b');
    TunnelException e = assertThrows(TunnelException.class, () -> stream.inputStream().read());
    assertEquals(ErrorCode.UPSTREAM_RESET, e.code());
    assertEquals(Delivered.YES, e.delivered());
  }

  @Test
  void whenTheCallerIsGoneTheUpstreamHearsIt() throws Exception {
    BlockingQueue<Boolean> closed = new LinkedBlockingQueue<>();
    RawUpstream waiting =
        upstream(
            socket -> {
              socket.getOutputStream().write(socket.getInputStream().read());
              try {
                closed.add(socket.getInputStream().read() < 0);
              } catch (IOException e) {
                closed.add(true);
              }
            });
    agent(waiting.url());
    TunnelStream stream = relay.open();
    stream.outputStream().write('a');
    assertEquals('a', stream.inputStream().read());
    stream.reset(ErrorCode.CANCELLED);
    assertEquals(true, closed.poll(30, TimeUnit.SECONDS));
  }

  @Test
  void streamsOfOtherNamesAndOfUnknownPurposesAreForbidden() throws Exception {
    BlockingQueue<Boolean> connected = new LinkedBlockingQueue<>();
    agent(upstream(socket -> connected.add(true)).url());
    assertEquals(ErrorCode.FORBIDDEN, codeOf(relay.open("cats", Rendezvous.FOR_HTTP)));
    assertEquals(ErrorCode.FORBIDDEN, codeOf(relay.open("pets", "admin")));
    assertTrue(connected.isEmpty(), "the upstream was connected");
  }

  @Test
  void oneStreamTooManyIsRefused() throws Exception {
    agent(
        Agent.builder(relay.url(), "pets", Upstream.parse(upstream(RawUpstream::echo).url()))
            .maxStreams(1));
    TunnelStream first = relay.open();
    first.outputStream().write('a');
    assertEquals('a', first.inputStream().read());
    assertEquals(ErrorCode.REFUSED, codeOf(relay.open()));
    first.outputStream().write('b');
    assertEquals('b', first.inputStream().read());
  }

  @Test
  void aCutOfTheAgentsWebSocketLosesNothing() throws Exception {
    try (FaultProxy network = new FaultProxy(relay.address())) {
      RawUpstream echo = upstream(RawUpstream::echo);
      Agent agent =
          agent(
              Agent.builder(
                  "ws://localhost:" + network.address().getPort(),
                  "pets",
                  Upstream.parse(echo.url())));
      byte[] all = new byte[8 << 20];
      new Random(7).nextBytes(all);
      TunnelStream stream = relay.open();
      Future<?> sending =
          threads.submit(
              () -> {
                stream.outputStream().write(all);
                stream.shutdownOutput();
                return null;
              });
      byte[] first = stream.inputStream().readNBytes(1 << 20);
      network.inject(FaultProxy.Fault.RESET);
      byte[] rest = stream.inputStream().readAllBytes();
      byte[] back = new byte[first.length + rest.length];
      System.arraycopy(first, 0, back, 0, first.length);
      System.arraycopy(rest, 0, back, first.length, rest.length);
      assertArrayEquals(all, back);
      sending.get();
      assertEquals(1, agent.status().reconnects());
      agent.close(Duration.ZERO);
    }
  }

  @Test
  void closingLetsAStreamFinish() throws Exception {
    Agent agent = agent(upstream(RawUpstream::echo).url());
    TunnelStream stream = relay.open();
    stream.outputStream().write('a');
    assertEquals('a', stream.inputStream().read());
    Future<?> closing = threads.submit(() -> agent.close(Duration.ofSeconds(30)));
    Await.until("no new streams are taken", () -> !relay.agent().isOpen());
    stream.outputStream().write('b');
    stream.shutdownOutput();
    assertArrayEquals(new byte[] {'b'}, stream.inputStream().readAllBytes());
    closing.get();
    agent.awaitEnd();
  }

  @Test
  void anAgentThatIsNotWantedSaysWhy() throws Exception {
    relay.refuseWith(401);
    Agent agent =
        closing(Agent.builder(relay.url(), "pets", Upstream.parse("http://localhost:1")).start());
    RelayRefusedException e = assertThrows(RelayRefusedException.class, agent::awaitEnd);
    assertEquals(RelayRefusedException.Reason.UNAUTHORIZED, e.reason());
  }

  @Test
  void anAgentWaitsForItsRelayAndReadsItsTokenAnewForEachDial() throws Exception {
    int port = relay.address().getPort();
    relay.close();
    BlockingQueue<String> tokens = new LinkedBlockingQueue<>();
    Agent agent =
        Agent.builder("ws://localhost:" + port, "pets", Upstream.parse("http://localhost:1"))
            .token(
                () -> {
                  String next = "token-" + tokens.size();
                  tokens.add(next);
                  return next;
                })
            .start();
    opened.add(0, () -> agent.close(Duration.ZERO));
    Await.until("it has dialed in vain", () -> tokens.size() >= 2);
    relay = new RelayStub(port);
    Await.until("it is there", () -> agent.status().connected());
    String last = relay.upgrades.take().token();
    assertTrue(last.startsWith("Bearer token-") && !last.equals("Bearer token-0"), last);
  }

  @Test
  void anotherAgentInItsPlaceEndsIt() throws Exception {
    Agent agent = agent("http://localhost:1");
    relay.agent().close(ErrorCode.REPLACED, "another one");
    RelayRefusedException e = assertThrows(RelayRefusedException.class, agent::awaitEnd);
    assertEquals(RelayRefusedException.Reason.REPLACED, e.reason());
  }

  @Test
  void theRelayHearsOfTheUpstreamsHealthAndTheAgentOfRequests() throws Exception {
    relay.requestLines =
        "{\"id\":\"r1\",\"method\":\"GET\",\"path\":\"/pets?x=1\",\"status\":200,\"millis\":3}\n";
    RawUpstream up = upstream(RawUpstream::echo);
    BlockingQueue<RequestSeen> seen = new LinkedBlockingQueue<>();
    Agent agent =
        agent(
            Agent.builder(relay.url(), "pets", Upstream.parse(up.url()))
                .agentId("one")
                .healthCheck(Duration.ofMillis(20))
                .onRequest(seen::add));
    RequestSeen request = seen.poll(30, TimeUnit.SECONDS);
    assertEquals("/pets?x=1", request.path());
    assertEquals(200, request.status());
    assertEquals("{\"healthy\":true}", relay.nextHealth());
    up.close();
    Await.until(
        "it says that it is ill", () -> relay.health.stream().anyMatch(h -> h.contains("false")));
    assertEquals(AgentStatus.Health.UNHEALTHY, agent.status().health());
    Await.until("the URL is known", () -> agent.status().url().equals("http://pets.localhost"));
    RelayStub.Dialer dialer = relay.upgrades.take();
    assertEquals("one", dialer.id());
    assertEquals("http/1.1", dialer.protocol());
  }
}
