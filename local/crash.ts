/** `npm run crash`: Postagram under `kill -9` (crash/posts.ts); `npm run crash -- blobs`: the service blobs (crash/blobs/main.ts). */
await import(process.argv[2] === 'blobs' ? './crash/blobs/main.ts' : './crash/posts.ts');
