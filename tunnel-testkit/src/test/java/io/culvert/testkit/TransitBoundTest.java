package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.Connection;
import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.connection.EngineConnection;
import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelStream;
import io.culvert.engine.EngineConfig;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Wire;
import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketListener;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of a connection waits in a real socket whose peer has stopped reading. */
@Timeout(60)
class TransitBoundTest {
  /** With a window each, together more than any socket buffer takes. */
  private static final int STREAMS = 120;

  /** What control may add to the bound, as docs/protocol.md says. */
  private static final int CONTROL_RESERVE = 16 * 1024;

  private static final EngineConfig CONFIG =
      new EngineConfig(
          EngineConfig.DEFAULT.streams(),
          64 << 20,
          EngineConfig.DEFAULT.transit(),
          0,
          EngineConfig.DEFAULT.heartbeatTimeout(),
          EngineConfig.DEFAULT.handshakeTimeout(),
          0,
          EngineConfig.DEFAULT.metadataLimit(),
          new byte[0]);

  private static final int BODY = CONFIG.streams().window();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(task -> new Thread(task, "transit-test"));
  private final ConnectionRuntime runtime = ConnectionRuntime.create("test");
  private final Connection dialer =
      EngineConnection.dialer(runtime, CONFIG, Map.of(), new ConnectionListener() {});
  private final Connection acceptor =
      EngineConnection.acceptor(runtime, CONFIG, new ConnectionListener() {});
  private final Counting dialerSocket = new Counting(dialer.socketListener());
  private final Counting acceptorSocket = new Counting(acceptor.socketListener());

  @AfterEach
  void close() {
    dialer.abort("test is over");
    acceptor.abort("test is over");
    runtime.close();
    threads.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStoppedReaderLeavesNoMoreThanTheBoundInTheSocketsQueue(boolean dialerWrites)
      throws Exception {
    try (WebSocketAcceptor listening = listen();
        FaultProxy network = new FaultProxy(listening.address())) {
      dial(network.address());
      StreamConnection from = dialerWrites ? dialer : acceptor;
      StreamConnection to = dialerWrites ? acceptor : dialer;
      Counting socket = dialerWrites ? dialerSocket : acceptorSocket;
      AtomicLong received = new AtomicLong();
      to.streamHandler(stream -> threads.execute(() -> receive(stream, received)));
      Await.until("the handshake is complete", from::accepting);

      network.inject(Fault.STOP_READING);
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        TunnelStream stream = from.open(Map.of(), Duration.ZERO);
        writers.add(threads.submit(() -> send(stream)));
      }
      Await.until(
          "the bound is reached", () -> socket.waiting.get() > CONFIG.transit() - Wire.MAX_PACKET);
      network.inject(Fault.NONE);

      for (Future<?> writer : writers) {
        writer.get();
      }
      Await.until("all has arrived", () -> received.get() == (long) STREAMS * BODY);
      long data = socket.mostWithData.get();
      assertTrue(data <= CONFIG.transit(), data + " bytes in the socket after data");
      long all = socket.most.get();
      assertTrue(all <= CONFIG.transit() + CONTROL_RESERVE, all + " bytes in the socket");
      Await.until("all was written", () -> socket.waiting.get() == 0);
    }
  }

  private static Void send(TunnelStream stream) throws Exception {
    stream.outputStream().write(new byte[BODY]);
    stream.close();
    return null;
  }

  private static void receive(TunnelStream stream, AtomicLong received) {
    try (InputStream in = stream.inputStream()) {
      received.addAndGet(in.transferTo(OutputStream.nullOutputStream()));
    } catch (java.io.IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private WebSocketAcceptor listen() throws Exception {
    WebSocketAcceptor listening =
        new JavaWebSocketAcceptor(
            new ListenRequest(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new WebSocketAcceptor.Limits(Wire.MAX_PACKET, Duration.ofSeconds(10)),
                null,
                "culvert-test"));
    listening.start(request -> new Upgrade.Accept(Wire.SUBPROTOCOL, acceptorSocket));
    return listening;
  }

  private void dial(InetSocketAddress address) throws Exception {
    WebSocket unused =
        new JavaWebSocketDialer()
            .dial(
                new DialRequest(
                    URI.create("ws://127.0.0.1:" + address.getPort()),
                    Map.of(),
                    Wire.SUBPROTOCOL,
                    Duration.ofSeconds(10),
                    null,
                    Proxy.NO_PROXY,
                    null,
                    Wire.MAX_PACKET),
                dialerSocket);
    dialer.awaitEstablished();
  }

  /** Counts what a connection has given to its WebSocket and was not told the end of. */
  private static final class Counting implements WebSocketListener {
    final AtomicLong waiting = new AtomicLong();
    final AtomicLong most = new AtomicLong();

    /** Right after a numbered packet, which control may then exceed. */
    final AtomicLong mostWithData = new AtomicLong();

    private final WebSocketListener connection;

    Counting(WebSocketListener connection) {
      this.connection = connection;
    }

    @Override
    public void onOpen(WebSocket webSocket) {
      connection.onOpen(new Counted(webSocket, this));
    }

    @Override
    public void onBinary(ByteBuffer message) {
      connection.onBinary(message);
    }

    @Override
    public void onText(ByteBuffer message) {
      connection.onText(message);
    }

    @Override
    public void onClose(int code, String reason) {
      connection.onClose(code, reason);
    }
  }

  private record Counted(WebSocket socket, Counting counting) implements WebSocket {
    @Override
    public void send(ByteBuffer message, Completion completion) {
      int size = message.remaining();
      long now = counting.waiting.addAndGet(size);
      AtomicLong most =
          message.get(message.position()) == PacketKind.SEQ.number()
              ? counting.mostWithData
              : counting.most;
      most.accumulateAndGet(now, Math::max);
      socket.send(
          message,
          failure -> {
            counting.waiting.addAndGet(-size);
            completion.written(failure);
          });
    }

    @Override
    public void ping(ByteBuffer data) {
      socket.ping(data);
    }

    @Override
    public void close(int code, String reason) {
      socket.close(code, reason);
    }

    @Override
    public void abort() {
      socket.abort();
    }

    @Override
    public String subprotocol() {
      return socket.subprotocol();
    }

    @Override
    public void sendText(ByteBuffer message, Completion completion) {
      socket.sendText(message, completion);
    }

    @Override
    public void pause() {
      socket.pause();
    }

    @Override
    public void resume() {
      socket.resume();
    }

    @Override
    public SocketAddress remoteAddress() {
      return socket.remoteAddress();
    }

    @Override
    public SocketAddress localAddress() {
      return socket.localAddress();
    }

    @Override
    public boolean secure() {
      return socket.secure();
    }

    @Override
    public Object underlying() {
      return socket.underlying();
    }
  }
}
