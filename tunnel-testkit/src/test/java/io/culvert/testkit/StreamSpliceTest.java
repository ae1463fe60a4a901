package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.io.EndPoint;
import org.junit.jupiter.api.Test;

/** A stream spliced to a stream of another connection, as a relay does it. */
class StreamSpliceTest extends SpliceContract {
  private MemoryConnections pair;
  private TunnelStream far;

  @Override
  EndPoint connectRight() throws Exception {
    pair = MemoryConnections.pair(sizes());
    BlockingQueue<TunnelStream> accepted = new LinkedBlockingQueue<>();
    pair.acceptor().streamHandler(accepted::add);
    TunnelStream right = pair.dialer().open(Map.of(), Duration.ofSeconds(30));
    far = accepted.take();
    return endPoint(right);
  }

  @Override
  Far far() {
    return new Far() {
      @Override
      public InputStream in() {
        return far.inputStream();
      }

      @Override
      public OutputStream out() {
        return far.outputStream();
      }

      @Override
      public void endOutput() throws IOException {
        far.shutdownOutput();
      }

      @Override
      public void cut() {
        far.reset(ErrorCode.INTERNAL_ERROR);
      }

      @Override
      public void close() {
        far.close();
      }
    };
  }

  @Test
  void whatWasStuckWhenTheStreamWasClosedStillArrives() throws Exception {
    assumeTrue(sizes().equals(MemoryConnections.Sizes.DEFAULT), "the windows hold it");
    splice.start();
    byte[] all = random(500_000, 1);
    near.outputStream().write(all);
    near.close();
    Await.until("the close has arrived", () -> left.finReceived() && left.outputEnded());
    assertArrayEquals(all, far.inputStream().readAllBytes());
    assertNull(outcome().failure());
  }

  @Test
  void whoeverIsSplicedToAStreamGetsItsCode() throws Exception {
    splice.start();
    far.reset(ErrorCode.UPSTREAM_REFUSED);
    TunnelException e = assertThrows(TunnelException.class, () -> near.inputStream().read());
    assertEquals(ErrorCode.UPSTREAM_REFUSED, e.code());
  }

  @Override
  void disconnectRight() {
    pair.close();
  }
}
