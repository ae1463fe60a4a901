package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.Connection;
import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.connection.EngineConnection;
import io.culvert.engine.EngineConfig;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.testkit.RecordingListener;
import io.culvert.testkit.ScriptedPeer;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A WebSocket whose peer never answers the close frame. */
class AbortWhileClosingTest {
  private final AtomicReference<ScriptedPeer> peer = new AtomicReference<>();
  private final RememberingSocket socket = new RememberingSocket();

  @Test
  void abortDropsASocketThatWaitsForThePeersClose() {
    try (ConnectionRuntime runtime = ConnectionRuntime.create("abort-test")) {
      Connection connection =
          EngineConnection.acceptor(runtime, EngineConfig.DEFAULT, new ConnectionListener() {});
      WebSocketListener listener = connection.socketListener();
      peer.set(new ScriptedPeer(listener::onBinary, RecordingListener.HANG_GUARD));
      listener.onOpen(socket);
      peer.get().dial(1000, 10);
      connection.close(ErrorCode.NO_ERROR, "closed");
      peer.get().await(Frame.Close.class);
      assertFalse(socket.aborted);
      connection.abort("cannot wait");
      assertTrue(socket.aborted);
      listener.onClose(1006, "");
      connection.abort("again");
    }
  }

  private final class RememberingSocket implements WebSocket {
    private volatile boolean aborted;

    @Override
    public void send(ByteBuffer message, Completion completion) {
      peer.get().received(message.duplicate());
      completion.written(null);
    }

    @Override
    public void ping(ByteBuffer data) {}

    @Override
    public void close(int code, String reason) {}

    @Override
    public void sendText(ByteBuffer message, Completion completion) {
      throw new UnsupportedOperationException("the connection sends binary messages only");
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public void abort() {
      aborted = true;
    }

    @Override
    public String subprotocol() {
      return null;
    }

    @Override
    public SocketAddress remoteAddress() {
      return null;
    }

    @Override
    public SocketAddress localAddress() {
      return null;
    }

    @Override
    public boolean secure() {
      return false;
    }

    @Override
    public Object underlying() {
      return null;
    }
  }
}
