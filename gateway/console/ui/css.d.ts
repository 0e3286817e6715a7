// The build takes style sheets that a script imports, and puts them beside it.
declare module '*.css'
