package io.culvert.testkit;

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

  @Override
  void disconnectRight() {
    pair.close();
  }
}
