// node onnxruntime.js MODEL INPUT SHAPE OUTPUT: what ONNX Runtime computes of float32 numbers. The
// package onnxruntime-node must be where node looks for packages (NODE_PATH).
const fs = require('fs');
const ort = require('onnxruntime-node');

async function main([model, input, shape, output]) {
  const bytes = fs.readFileSync(input);
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const session = await ort.InferenceSession.create(model);
  const tensor = new ort.Tensor('float32', numbers, shape.split('x').map(Number));
  const results = await session.run({[session.inputNames[0]]: tensor});
  fs.writeFileSync(output, Buffer.from(results[session.outputNames[0]].data.buffer));
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exit(1);
});
