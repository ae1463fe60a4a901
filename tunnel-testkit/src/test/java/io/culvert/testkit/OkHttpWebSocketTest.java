package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What OkHttp's WebSocket lacks and its adapter adds, on the wire. */
class OkHttpWebSocketTest extends OkHttpFixture {
  private static final ByteBuffer NOT_UTF_8 = ByteBuffer.wrap(new byte[] {'a', -1, -61, '(', 0});

  /** More than the socket buffers of both ends take. */
  private static final int LONGEST_SENT = 7 << 20;

  private static void acceptRaw(Socket socket) throws IOException {
    RawUpgrade.accept(socket, "Sec-WebSocket-Protocol: " + SUBPROTOCOL);
  }

  private static void readOn(Socket socket) throws IOException {
    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
  }

  @Test
  void textAndBinaryKeepTheirKindsAndAnyBytes() throws IOException {
    Ends ends = connect();
    for (WebSocket from : List.of(ends.dialer(), ends.acceptor())) {
      RecordingListener at = from == ends.dialer() ? accepted : dialed;
      for (int i = 0; i < 50; i++) {
        from.sendText(NOT_UTF_8.duplicate(), failure -> {});
        from.send(NOT_UTF_8.duplicate(), failure -> {});
      }
      for (int i = 0; i < 50; i++) {
        assertEquals(NOT_UTF_8, at.next(Event.Text.class).message());
        assertEquals(NOT_UTF_8, at.next(Event.Binary.class).message());
      }
    }
  }

  @Test
  void pongsComeInOrderBetweenAndInsideMessages() throws IOException {
    RawServer server =
        closeLater(
            new RawServer(
                socket -> {
                  acceptRaw(socket);
                  RawUpgrade.frame(socket, 0x82, new byte[] {1});
                  RawUpgrade.frame(socket, 0x8a, new byte[] {2});
                  RawUpgrade.frame(socket, 0x8a, new byte[0]);
                  RawUpgrade.frame(socket, 0x01, new byte[] {3});
                  RawUpgrade.frame(socket, 0x8a, new byte[125]);
                  RawUpgrade.frame(socket, 0x00, new byte[0]);
                  RawUpgrade.frame(socket, 0x80, new byte[] {4});
                  readOn(socket);
                }));
    dial(server.address());
    dialed.opened();
    List<Event> expected =
        List.of(
            new Event.Binary(ByteBuffer.wrap(new byte[] {1})),
            new Event.Pong(ByteBuffer.wrap(new byte[] {2})),
            new Event.Pong(ByteBuffer.allocate(0)),
            new Event.Pong(ByteBuffer.allocate(125)),
            new Event.Text(ByteBuffer.wrap(new byte[] {3, 4})));
    for (Event event : expected) {
      assertEquals(event, dialed.next());
    }
  }

  @Test
  void aFrameBeyondTheLimitIsRefusedByItsHeader() throws Exception {
    BlockingQueue<ByteBuffer> closes = new LinkedBlockingQueue<>();
    RawServer server =
        closeLater(
            new RawServer(
                socket -> {
                  acceptRaw(socket);
                  ByteBuffer head = ByteBuffer.allocate(10).put((byte) 0x82).put((byte) 127);
                  socket.getOutputStream().write(head.putLong(1L << 40).array());
                  closes.add(readFrame(socket, 0x88));
                  readOn(socket);
                }));
    dial(server.address());
    dialed.opened();
    assertEquals(1009, dialed.next(Event.Close.class).code());
    assertEquals(1009, closes.take().getShort());
  }

  /** The payload of one short masked frame, whose first byte must be this. */
  private static ByteBuffer readFrame(Socket socket, int first) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    assertEquals(first, in.readUnsignedByte());
    int length = in.readUnsignedByte() & 0x7f;
    byte[] key = in.readNBytes(4);
    byte[] payload = in.readNBytes(length);
    for (int i = 0; i < length; i++) {
      payload[i] ^= key[i % 4];
    }
    return ByteBuffer.wrap(payload);
  }

  @Test
  void aMessageThatIsTooLongHarmsNothingThatWasSentBefore() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    RawServer server =
        closeLater(
            new RawServer(
                socket -> {
                  socket.setReceiveBufferSize(64 * 1024);
                  acceptRaw(socket);
                  RawUpgrade.frame(socket, 0x82, new byte[MAX_MESSAGE_BYTES]);
                  // The dialer is writing, and its close frame has to wait.
                  DataInputStream in = new DataInputStream(socket.getInputStream());
                  assertEquals(0x82, in.readUnsignedByte());
                  RawUpgrade.frame(socket, 0x02, new byte[MAX_MESSAGE_BYTES]);
                  RawUpgrade.frame(socket, 0x80, new byte[1]);
                  RawUpgrade.frame(socket, 0x82, new byte[10]);
                  in.skipNBytes(1 + Long.BYTES + 4 + LONGEST_SENT);
                  RawUpgrade.frame(socket, 0x88, readFrame(socket, 0x88).array());
                  readOn(socket);
                  left.countDown();
                }));
    WebSocket end = dial(server.address());
    dialed.opened();
    Sends sends = new Sends(end);
    sends.send(ByteBuffer.allocate(LONGEST_SENT));
    assertEquals(MAX_MESSAGE_BYTES, dialed.next(Event.Binary.class).message().remaining());
    assertEquals(1009, dialed.next(Event.Close.class).code());
    sends.awaitAllSucceeded();
    left.await();
    dialed.assertNothingMore();
  }

  @Test
  void aPeerThatBreaksTheProtocolIs1002() throws IOException {
    RawServer server =
        closeLater(
            new RawServer(
                socket -> {
                  acceptRaw(socket);
                  RawUpgrade.frame(socket, 0xc2, new byte[1]);
                  readOn(socket);
                }));
    dial(server.address());
    dialed.opened();
    assertEquals(1002, dialed.next(Event.Close.class).code());
  }

  @Test
  void aListenerThatThrowsClosesWith1011() throws IOException {
    RecordingListener throwing =
        new RecordingListener() {
          @Override
          public void onBinary(ByteBuffer message) {
            super.onBinary(message);
            throw new IllegalStateException("deliberate, the test expects it");
          }
        };
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    dialer().dial(request(acceptor.address()), throwing);
    throwing.opened();
    WebSocket acceptorEnd = accepted.opened();
    acceptorEnd.send(bytes(1, 1), failure -> {});
    acceptorEnd.send(bytes(1, 2), failure -> {});
    throwing.next(Event.Binary.class);
    assertEquals(1011, throwing.next(Event.Close.class).code());
    assertEquals(1011, accepted.next(Event.Close.class).code());
    throwing.assertNothingMore();
  }

  @Test
  void aCompletionThatThrowsKeepsNoOtherFromRunning() throws Exception {
    Ends ends = connect();
    CountDownLatch written = new CountDownLatch(1);
    ends.dialer()
        .send(
            bytes(1, 1),
            failure -> {
              throw new AssertionError("deliberate, the test expects it");
            });
    ends.dialer().send(bytes(1, 2), failure -> written.countDown());
    assertTrue(written.await(DIAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void whilePausedInsideACallbackNothingComesAndTheSenderStalls() throws IOException {
    RecordingListener pausing =
        new RecordingListener() {
          private WebSocket webSocket;

          @Override
          public void onOpen(WebSocket opened) {
            webSocket = opened;
            super.onOpen(opened);
          }

          @Override
          public void onBinary(ByteBuffer message) {
            if (message.getInt(0) == 0) {
              webSocket.pause();
            }
            super.onBinary(message);
          }
        };
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    WebSocket end = dialer().dial(request(acceptor.address()), pausing);
    pausing.opened();
    Sends sends = new Sends(accepted.opened());
    sends.send(ByteBuffer.allocate(4));
    assertEquals(0, pausing.next(Event.Binary.class).message().getInt(0));
    for (int i = 1; i < 400; i++) {
      sends.send(ByteBuffer.allocate(64 * 1024).putInt(0, i));
    }
    assertTrue(sends.pending() > 0, "25 MiB must be more than any socket buffer");
    pausing.assertNothingMore();
    end.resume();
    for (int i = 1; i < 400; i++) {
      assertEquals(i, pausing.next(Event.Binary.class).message().getInt(0));
    }
    sends.awaitAllSucceeded();
  }

  @Test
  void aPausedWebSocketCanBeAborted() throws IOException {
    Ends ends = connect();
    ends.dialer().pause();
    new Sends(ends.acceptor()).send(bytes(10, 1));
    ends.dialer().abort();
    assertEquals(1006, dialed.next(Event.Close.class).code());
  }

  @Test
  void aMessageThatIsBeingWrittenIsNotYetComplete() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    RawServer server =
        closeLater(
            new RawServer(
                socket -> {
                  socket.setReceiveBufferSize(64 * 1024);
                  acceptRaw(socket);
                  assertEquals(0x82, socket.getInputStream().read());
                  begun.countDown();
                  new CountDownLatch(1).await(); // until the test is over
                }));
    WebSocket end = dial(server.address());
    Sends sends = new Sends(end);
    sends.send(ByteBuffer.allocate(LONGEST_SENT));
    begun.await();
    end.abort();
    sends.awaitCompleted();
    assertEquals(1, sends.failed());
  }

  @Test
  void theLongestMessagesFollowEachOtherAndLongerOnesFailAlone() throws IOException {
    WebSocketAcceptor acceptor =
        closeLater(acceptor(new WebSocketAcceptor.Limits(LONGEST_SENT, DIAL_TIMEOUT), null));
    acceptor.start(upgrade -> accept());
    WebSocket end = dial(acceptor.address());
    accepted.opened();
    Sends tooLong = new Sends(end);
    Sends sends = new Sends(end);
    for (int i = 0; i < 5; i++) {
      sends.send(ByteBuffer.allocate(LONGEST_SENT));
      tooLong.send(ByteBuffer.allocate(LONGEST_SENT + 1));
    }
    tooLong.awaitCompleted();
    assertEquals(5, tooLong.failed());
    sends.awaitAllSucceeded();
    for (int i = 0; i < 5; i++) {
      assertEquals(LONGEST_SENT, accepted.next(Event.Binary.class).message().remaining());
    }
  }

  @Test
  void pingsThatNobodyReadsDoNotEndTheWebSocket() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket end = dial(network.address());
    network.inject(Fault.STOP_READING);
    Sends sends = new Sends(end);
    for (int i = 0; i < 400; i++) {
      sends.send(ByteBuffer.allocate(64 * 1024));
    }
    for (int i = 0; i < 200_000; i++) {
      end.ping(bytes(125, 1));
    }
    network.inject(Fault.NONE);
    sends.awaitAllSucceeded();
  }

  @Test
  void aCloseBehindMessagesThatNobodyReadsIsBounded() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket end = dial(network.address());
    dialed.opened();
    network.inject(Fault.STOP_READING);
    Sends sends = new Sends(end);
    for (int i = 0; i < 400; i++) {
      sends.send(ByteBuffer.allocate(64 * 1024));
    }
    end.close(1000, "");
    assertEquals(1006, dialed.next(Event.Close.class).code());
    sends.awaitCompleted();
    assertTrue(sends.failed() > 0);
  }
}
