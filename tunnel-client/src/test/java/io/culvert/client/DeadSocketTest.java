package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionBuilder.PingListener;
import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.frame.ErrorCode;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Direction;
import io.culvert.testkit.FaultProxy.Fault;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A socket that says nothing any more, and does not say so. */
class DeadSocketTest {
  private static final Duration IDLE = Duration.ofMillis(300);
  private static final Duration TIMEOUT = Duration.ofMillis(300);

  private final EventLog clientEvents = new EventLog();
  private final EventLog serverEvents = new EventLog();

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  private TunnelServer start(TestServlet servlet) throws Exception {
    TunnelServer server =
        Setup.server().resumeTimeout(Duration.ZERO).heartbeat(IDLE, TIMEOUT).build();
    server.onConnection(connection -> connection.serve(servlet));
    server.events().listen(serverEvents);
    return server.start();
  }

  private SocketConnection connect(FaultProxy proxy) throws Exception {
    SocketConnection connection =
        Setup.client(proxy.address())
            .heartbeat(IDLE, TIMEOUT)
            .reconnectOff()
            .onEvent(clientEvents)
            .build()
            .connect();
    clientEvents.next(ConnectionEvent.Type.RECEIVED);
    serverEvents.next(ConnectionEvent.Type.RECEIVED);
    return connection;
  }

  private void bothNotice() throws InterruptedException {
    assertEquals(
        ErrorCode.HEARTBEAT_TIMEOUT, clientEvents.next(ConnectionEvent.Type.FAILED).code());
    assertEquals(
        ErrorCode.HEARTBEAT_TIMEOUT, serverEvents.next(ConnectionEvent.Type.FAILED).code());
  }

  @Test
  void aQuietConnectionIsNoticed() throws Exception {
    try (TunnelServer server = start(TestServlet.saying(""));
        FaultProxy proxy = new FaultProxy(server.address())) {
      connect(proxy);
      proxy.inject(Fault.BLACK_HOLE);
      bothNotice();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BLACK_HOLE", "STOP_READING"})
  void aBulkDownloadDoesNotHideIt(Fault fault) throws Exception {
    CompletableFuture<Throwable> servletSaw = new CompletableFuture<>();
    TestServlet endless =
        new TestServlet(
            (request, response) -> {
              try {
                OutputStream out = response.getOutputStream();
                byte[] piece = new byte[64 * 1024];
                while (true) {
                  out.write(piece);
                }
              } catch (Throwable e) {
                servletSaw.complete(e);
                throw e;
              }
            });
    try (TunnelServer server = start(endless);
        FaultProxy proxy = new FaultProxy(server.address())) {
      SocketConnection connection = connect(proxy);
      AtomicLong received = new AtomicLong();
      CompletableFuture<Void> download =
          Setup.async(
              () -> {
                try (Response response =
                    Setup.http(connection).newCall(Setup.request()).execute()) {
                  InputStream body = response.body().byteStream();
                  byte[] piece = new byte[64 * 1024];
                  for (int n = body.read(piece); n >= 0; n = body.read(piece)) {
                    received.addAndGet(n);
                  }
                }
                return null;
              });
      Await.until("bulk flows", () -> received.get() > 4 << 20);
      proxy.inject(fault);
      bothNotice();
      assertEquals(ErrorCode.HEARTBEAT_TIMEOUT, Setup.lost(download, Delivered.YES).code());
      Setup.result(servletSaw);
    }
  }

  @Test
  void aBulkUploadDoesNotHideIt() throws Exception {
    AtomicLong received = new AtomicLong();
    TestServlet sink =
        new TestServlet(
            (request, response) -> {
              byte[] piece = new byte[64 * 1024];
              InputStream body = request.getInputStream();
              for (int n = body.read(piece); n >= 0; n = body.read(piece)) {
                received.addAndGet(n);
              }
            });
    try (TunnelServer server = start(sink);
        FaultProxy proxy = new FaultProxy(server.address())) {
      SocketConnection connection = connect(proxy);
      CompletableFuture<Void> upload = upload(connection);
      Await.until("bulk flows", () -> received.get() > 4 << 20);
      proxy.inject(Fault.BLACK_HOLE);
      bothNotice();
      assertEquals(ErrorCode.HEARTBEAT_TIMEOUT, Setup.lost(upload, Delivered.UNKNOWN).code());
    }
  }

  private static CompletableFuture<Void> upload(SocketConnection connection) {
    RequestBody endless =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return null;
          }

          @Override
          public void writeTo(BufferedSink sink) throws java.io.IOException {
            byte[] piece = new byte[64 * 1024];
            while (true) {
              sink.write(piece);
            }
          }
        };
    return Setup.async(
        () -> {
          Setup.http(connection)
              .newCall(Setup.request().newBuilder().put(endless).build())
              .execute()
              .close();
          return null;
        });
  }

  @Test
  void aSlowLinkFullOfBulkIsNotTakenForADeadOne() throws Exception {
    byte[] body = new byte[3 << 20];
    TestServlet bulk =
        new TestServlet((request, response) -> response.getOutputStream().write(body));
    try (TunnelServer server = start(bulk);
        FaultProxy proxy = new FaultProxy(server.address())) {
      SocketConnection connection = connect(proxy);
      // Takes about five times as long as the two heartbeat times together.
      proxy.throttle(Direction.TO_DIALER, 1 << 20);
      assertEquals(body.length, Setup.get(connection).length());
      assertEquals(0, clientEvents.waiting());
      assertEquals(0, serverEvents.waiting());
      connection.close();
    }
  }

  @Test
  void aQuietConnectionThatLivesStays() throws Exception {
    CountDownLatch pongs = new CountDownLatch(3);
    TunnelServer server =
        Setup.server()
            .resumeTimeout(Duration.ZERO)
            .heartbeat(Duration.ofMillis(50), TIMEOUT)
            .build();
    server.events().listen(serverEvents);
    try (server) {
      server.start();
      SocketConnection connection =
          Setup.client(server)
              .heartbeat(Duration.ofMillis(40), Duration.ofSeconds(10))
              .onPing(
                  new PingListener() {
                    @Override
                    public void onPong(SocketConnection c, byte[] data, Duration roundTrip) {
                      pongs.countDown();
                    }
                  })
              .build()
              .connect();
      Setup.await(pongs);
      assertTrue(connection.isOpen());
      serverEvents.next(ConnectionEvent.Type.RECEIVED);
      assertEquals(0, serverEvents.waiting());
      connection.close();
    }
  }
}
